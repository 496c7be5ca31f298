// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const plain = "text/plain; charset=utf-8"

func TestTenantsAndAddresses(t *testing.T) {
	base := ready(t)
	cases := map[string]struct {
		reason, method, path, tenant string
		want                         reply
	}{
		"no tenant":         {"this Loki has some", "GET", "/loki/api/v1/labels", "", reply{401, plain, "no org id"}},
		"no tenant, query":  {"before the query is parsed", "GET", "/loki/api/v1/query_range?query=x", "", reply{401, plain, "no org id"}},
		"no tenant, push":   {"the same for writes", "POST", "/loki/api/v1/push", "", reply{401, plain, "no org id"}},
		"slash":             {"an invalid character", "GET", "/loki/api/v1/labels", "a/b", reply{400, plain, "tenant ID 'a/b' contains unsupported character '/'"}},
		"dots":              {"a folder's name", "GET", "/loki/api/v1/labels", "..", reply{400, plain, "tenant ID is '.' or '..'"}},
		"nothing stored":    {"a tenant does not have to be created", "GET", "/loki/api/v1/labels", "new", reply{200, "application/json; charset=UTF-8", `{"status":"success"}`}},
		"version":           {"without a tenant", "GET", "/loki/api/v1/status/buildinfo", "", reply{200, "application/json", `{"version":"3.7.8","revision":"","branch":"","buildUser":"","buildDate":"","goVersion":""}`}},
		"ready":             {"without a tenant", "GET", "/ready", "", reply{200, plain, "ready"}},
		"no such address":   {"not found", "GET", "/loki/api/v1/nothing", "x", reply{404, plain, "404 page not found"}},
		"front page":        {"there is no front page", "GET", "/", "x", reply{404, plain, "404 page not found"}},
		"seven days' lines": {"labels have a default time range", "GET", "/loki/api/v1/label/app/values", "new", reply{200, "application/json; charset=UTF-8", `{"status":"success"}`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, send(t, c.method, base+c.path, c.tenant, "", ""), c.reason)
		})
	}
}

func TestItIsReadyAfterFifteenSeconds(t *testing.T) {
	t.Parallel()
	began := time.Now()
	base, _ := start(t, "")
	var last reply
	require.Eventually(t, func() bool {
		answer, err := http.Get(base + "/ready")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return true
		}
		text, _ := io.ReadAll(answer.Body)
		last = reply{answer.StatusCode, answer.Header.Get("Content-Type"), strings.TrimSuffix(string(text), "\n")}
		return false
	}, time.Minute, 200*time.Millisecond)
	require.Greater(t, time.Since(began), 14*time.Second)
	require.Equal(t, reply{503, plain, "Ingester not ready: waiting for 15s after being ready"}, last)
}

func TestWhatEndsTheProcess(t *testing.T) {
	cases := map[string]struct{ reason, text, want string }{
		"unknown":       {"an unknown key", "nothing: 5\n", "  line 1: field nothing not found in type loki.ConfigWrapper"},
		"unknown inner": {"in a section", "auth_enabled: true\nserver: {http_listen_prt: 5}\n", "  line 2: field http_listen_prt not found in type server.Config"},
		"wrong type":    {"a text in place of a boolean", "auth_enabled: maybe\n", "  line 1: cannot unmarshal !!str `maybe` into bool"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "loki.yaml")
			require.NoError(t, os.WriteFile(file, []byte(c.text), 0o600))
			output, err := program(t, "-config.file="+file).CombinedOutput()
			require.Error(t, err, c.reason)
			require.Contains(t, string(output), "failed parsing config: "+file+": yaml: unmarshal errors:\n"+c.want)
		})
	}
	output, err := program(t, "-config.file=nowhere.yaml").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "failed parsing config: nowhere.yaml does not exist, set config.file for custom config path")
	output, err = program(t, "-nothing").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "flag provided but not defined: -nothing\nRun with -help to get list of available parameters")
	output, err = program(t, "-version").CombinedOutput()
	require.NoError(t, err)
	require.Regexp(t, `^loki, version 3\.7\.8 `, string(output))
}
