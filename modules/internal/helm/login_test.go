// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Logins of registries that helm registry login or docker login has kept, or that a
// program of Docker knows.
func TestTheLoginOfARegistry(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, given := r.BasicAuth()
		w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
		if !given {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Error(w, `{"errors":[{"code":"DENIED","message":"not `+user+" "+password+`"}]}`, http.StatusForbidden)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	known := `{"auths":{"` + host + `":{"auth":"bWU6UzNDUkVU"}}}` // me:S3CRET
	program := func(commands string) string { return "#!/bin/sh\n" + commands + "\n" }
	for name, test := range map[string]struct {
		reason, file, text, program string
		message                     string
	}{
		"none":             {"a public registry", "", "", "", "basic credential not found"},
		"Helm's":           {"helm registry login", "config/helm/registry/config.json", known, "", "not me " + secret.Placeholder},
		"Docker's":         {"docker login", "docker/config.json", known, "", "not me " + secret.Placeholder},
		"a program":        {"Docker's store", "docker/config.json", `{"credsStore":"test"}`, program(`echo '{"Username":"it","Secret":"S3CRET"}'`), "not it " + secret.Placeholder},
		"for this one":     {"Docker's helper for a registry", "config/helm/registry/config.json", `{"credHelpers":{"` + host + `":"test"}}`, program(`echo '{"Username":"it","Secret":"S3CRET"}'`), "not it " + secret.Placeholder},
		"a program knows":  {"no login for it", "docker/config.json", `{"credsStore":"test"}`, program("echo credentials not found in native keychain; exit 1"), "basic credential not found"},
		"a program fails":  {"its store is locked", "docker/config.json", `{"credsStore":"test"}`, program("echo S3CRET; exit 1"), "ask docker-credential-test for the login of " + host + ": exit status 1"},
		"a program prints": {"another version", "docker/config.json", `{"credsStore":"test"}`, program("echo S3CRET"), "it printed something else"},
		"no program":       {"it was removed", "docker/config.json", `{"credsStore":"test"}`, "", "executable file not found"},
		"endless output":   {"it would fill the memory", "docker/config.json", `{"credsStore":"test"}`, program("cat /dev/zero"), "it printed more than 1 MiB"},
		"broken":           {"Helm passes over it, too", "docker/config.json", `{"auths":"S3CRET`, "", "basic credential not found"},
		"a broken login":   {"it is not quoted", "docker/config.json", `{"auths":{"` + host + `":{"auth":"S3CRET"}}}`, "", "holds no usable login for " + host},
		"a pipe":           {"nobody writes to it", "docker/config.json", "pipe", "", "docker/config.json is a named pipe, not a regular file"},
		"a pipe of Helm":   {"nobody writes to it", "config/helm/registry/config.json", "pipe", "", "registry/config.json is a named pipe, not a regular file"},
		"a device":         {"it has no end", "docker/config.json", "zero", "", "is a device, not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			place := t.TempDir()
			t.Setenv("HOME", place)
			t.Setenv("HELM_CONFIG_HOME", filepath.Join(place, "config", "helm"))
			t.Setenv("DOCKER_CONFIG", filepath.Join(place, "docker"))
			t.Setenv("PATH", filepath.Join(place, "bin")+":/usr/bin:/bin")
			write(t, filepath.Join(place, "bin", "docker-credential-test"), test.program)
			if test.file != "" {
				write(t, filepath.Join(place, test.file), test.text)
			}
			hide := &secret.Redactor{}
			source := Source{Ref: "oci://" + host + "/tempo", Version: "1.0.0", PlainHTTP: true}
			_, err := source.pull(secret.WithRedactor(context.Background(), hide))
			require.Error(t, err)
			require.Contains(t, hide.Text(err.Error()), test.message, test.reason)
			require.NotContains(t, hide.Text(err.Error()), "S3CRET")
		})
	}
}

// write makes a file with this text, or what the text names.
func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	switch text {
	case "":
	case "pipe":
		require.NoError(t, syscall.Mkfifo(path, 0o600))
	case "zero":
		require.NoError(t, os.Symlink("/dev/zero", path))
	default:
		require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
	}
}
