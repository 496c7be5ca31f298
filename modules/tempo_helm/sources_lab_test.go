// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The chart may be on the host's disk, as an archive or unpacked, or behind a
// login.
func TestChartSources(t *testing.T) {
	t.Parallel()
	address := testkit.Env(t, "LAB_CHARTS_URL") + "/tempo-2.2.4.tgz"
	archive := download(t, address)
	folder := t.TempDir()
	file := filepath.Join(folder, "tempo-2.2.4.tgz")
	require.NoError(t, os.WriteFile(file, archive, 0o600))
	unpack(t, archive, folder)
	locked := testkit.NewProxy(t, testkit.Env(t, "LAB_CHARTS_URL"))
	locked.Disturb(func(w http.ResponseWriter, r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		if user == "reader" && password == secretKey {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	cases := map[string]struct {
		reason  string
		options map[string]any
	}{
		"archive":      {"a .tgz on the disk", map[string]any{"chart_ref": file, "chart_repo_url": nil, "chart_version": nil}},
		"folder":       {"a chart in a checkout", map[string]any{"chart_ref": filepath.Join(folder, "tempo"), "chart_repo_url": nil, "chart_version": nil}},
		"its address":  {"no index is read", map[string]any{"chart_ref": address, "chart_repo_url": "http://127.0.0.1:1"}},
		"with a login": {"a repository of the user's", map[string]any{"chart_repo_url": locked.URL, "chart_repo_username": "reader", "chart_repo_password": secretKey}},
		"a range":      {"the newest of it", map[string]any{"chart_version": "~2.2.0"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			task := lab.task(t, map[string]any{"wait": false}).With(test.options)
			released(t, testkit.Changed(t, task.Apply(t)), "tempo-2.2.4", 1)
			testkit.Unchanged(t, task.Apply(t))
		})
	}
	t.Run("wrong login", func(t *testing.T) {
		lab := newLab(t)
		task := lab.task(t, map[string]any{"chart_repo_url": locked.URL, "chart_repo_username": "reader", "chart_repo_password": secretKey + "-wrong"})
		require.Equal(t, "denied: load chart tempo 2.2.4 from "+locked.URL+": get "+locked.URL+"/index.yaml: the server answered 401 Unauthorized", testkit.Failed(t, task.Apply(t)))
	})
}

func download(t *testing.T, address string) []byte {
	t.Helper()
	response, err := http.Get(address) //nolint:gosec // the lab's own
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return content
}

func unpack(t *testing.T, archive []byte, folder string) {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	require.NoError(t, err)
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if err == io.EOF { //nolint:errorlint // archive/tar returns it as it is
			return
		}
		require.NoError(t, err)
		content, err := io.ReadAll(reader)
		require.NoError(t, err)
		path := filepath.Join(folder, header.Name) //nolint:gosec // the lab's own chart
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
}
