// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

const password = "S3CRET-CANARY-repository"

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// repository serves an index of three versions, their archives, and what is wrong
// with a repository under names of charts.
func repository(t *testing.T) http.Handler {
	t.Helper()
	routes := http.NewServeMux()
	index := "apiVersion: v1\nentries:\n  another:\n  - {version: 9.0.0, urls: [another.tgz]}\n  tempo:\n"
	for _, version := range []string{"1.0.0", "2.1.0-rc.1", "2.0.0", "no version"} {
		index += fmt.Sprintf("  - version: %s\n    urls: [charts/tempo-%s.tgz]\n    digest: %s\n", version, version, digest(tempo(t, "2.0.0")))
	}
	index += "  unlinked:\n  - {version: 1.0.0}\n  odd:\n  - {version: 1.0.0, urls: ['http://[']}\n"
	routes.HandleFunc("GET /index.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(index)) })
	routes.HandleFunc("GET /wrong/index.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a: b: c")) })
	routes.HandleFunc("GET /charts/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(tempo(t, "2.0.0")) })
	routes.HandleFunc("GET /charts/tempo-1.0.0.tgz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(tempo(t, "1.0.0")) })
	routes.HandleFunc("GET /broken/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) })
	routes.HandleFunc("GET /library.tgz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(archive(t, "library", map[string]string{"Chart.yaml": "apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n"}))
	})
	routes.HandleFunc("GET /locked/charts/tempo.tgz", func(w http.ResponseWriter, r *http.Request) {
		if user, given, _ := r.BasicAuth(); user != "reader" || given != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(tempo(t, "2.0.0"))
	})
	return routes
}

func TestLoad(t *testing.T) {
	server := httptest.NewServer(repository(t))
	defer server.Close()
	url := server.URL
	cases := map[string]struct {
		reason string
		source Source
		want   string
	}{
		"newest":       {"pre-releases are skipped", Source{Ref: "tempo", Repository: url}, "tempo-2.0.0"},
		"exact":        {"as the index has it", Source{Ref: "tempo", Repository: url + "/", Version: "2.0.0"}, "tempo-2.0.0"},
		"a range":      {"the newest version in the range", Source{Ref: "tempo", Repository: url, Version: "^2.0.0"}, "tempo-2.0.0"},
		"pre-release":  {"if it is requested", Source{Ref: "tempo", Repository: url, Version: "2.1.0-rc.1"}, "tempo-2.0.0"},
		"its address":  {"the index is not read", Source{Ref: url + "/charts/tempo-1.0.0.tgz"}, "tempo-1.0.0"},
		"with a login": {"the chart's own server requires one", Source{Ref: url + "/locked/charts/tempo.tgz", Username: "reader", Password: secret.NewText(password)}, "tempo-2.0.0"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			chart, err := test.source.Load(t.Context())
			require.NoError(t, err)
			require.Equal(t, test.want, chart.ID(), test.reason)
		})
	}
}

func TestLoadFailures(t *testing.T) {
	server := httptest.NewServer(repository(t))
	defer server.Close()
	url := server.URL
	cases := map[string]struct {
		source Source
		kind   fault.Kind
		text   string
		hint   string
	}{
		"damaged":          {Source{Ref: "tempo", Repository: url, Version: "1.0.0"}, fault.Rejected, "load chart tempo 1.0.0 from " + url + ": the archive of version 1.0.0 does not have the checksum of the index", "the download was damaged"},
		"no such version":  {Source{Ref: "tempo", Repository: url, Version: "~3.0.0"}, fault.NotFound, "the repository has no version ~3.0.0 of it", "it has, newest first: 2.1.0-rc.1, 2.0.0, 1.0.0"},
		"no version":       {Source{Ref: "tempo", Repository: url, Version: "newest"}, fault.Usage, `"newest" is not a version`, "chart_version is a version"},
		"no such chart":    {Source{Ref: "loki", Repository: url}, fault.NotFound, "the repository has no chart loki", "check chart_ref"},
		"no address":       {Source{Ref: "unlinked", Repository: url}, fault.Rejected, "the index gives no address for version 1.0.0", ""},
		"odd address":      {Source{Ref: "odd", Repository: url}, fault.Rejected, "the index gives no usable address for version 1.0.0", ""},
		"no index":         {Source{Ref: "tempo", Repository: url + "/absent"}, fault.NotFound, "the server answered 404 Not Found", "chart_repo_url must be the address"},
		"no YAML":          {Source{Ref: "tempo", Repository: url + "/wrong"}, fault.Rejected, "index.yaml of the repository cannot be read", "chart_repo_url must be the address"},
		"no repository":    {Source{Ref: "tempo"}, fault.Usage, "there is no repository to take it from", "set chart_repo_url"},
		"no login":         {Source{Ref: url + "/locked/charts/tempo.tgz"}, fault.Denied, "the server answered 401 Unauthorized", "check chart_repo_username"},
		"a server's fault": {Source{Ref: url + "/broken/tempo.tgz"}, fault.Unreachable, "the server answered 501 Not Implemented", "look at the repository's server"},
		"a library":        {Source{Ref: url + "/library.tgz"}, fault.Rejected, "it cannot be installed", "give an application chart"},
		"no such file":     {Source{Ref: "/absent/tempo.tgz"}, fault.NotFound, "load chart /absent/tempo.tgz: ", ""},
		"no URL":           {Source{Ref: "http://[::1"}, fault.Usage, "the address is not a URL", "check chart_repo_url"},
		"no CA":            {Source{Ref: "https://127.0.0.1:1/tempo.tgz", CAFile: "/absent/ca.crt"}, fault.NotFound, "/absent/ca.crt", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := test.source.Load(t.Context())
			require.ErrorContains(t, err, test.text)
			require.Equal(t, test.kind, fault.KindOf(err), err)
			require.Contains(t, fault.HintOf(err), test.hint)
			require.NotContains(t, err.Error(), password)
		})
	}
}

func TestLoadFromDisk(t *testing.T) {
	folder := t.TempDir()
	packed := filepath.Join(folder, "tempo.tgz")
	require.NoError(t, os.WriteFile(packed, tempo(t, "1.0.0"), 0o600))
	unpacked := filepath.Join(folder, "tempo")
	require.NoError(t, os.Mkdir(unpacked, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(unpacked, "Chart.yaml"), []byte("apiVersion: v2\nname: tempo\nversion: 3.0.0\n"), 0o600))
	for ref, want := range map[string]string{packed: "tempo-1.0.0", unpacked: "tempo-3.0.0"} {
		source := Source{Ref: ref}
		require.True(t, source.Local())
		chart, err := source.Load(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, chart.ID())
	}
	require.False(t, Source{Ref: "oci://registry.example/tempo.tgz"}.Local())
	require.False(t, Source{Ref: "tempo"}.Local(), "a name in a repository")
}

// Credentials are for the repository's own server: an index may name archives
// elsewhere.
func TestCredentialsStayAtTheRepository(t *testing.T) {
	seen := ""
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization")
		_, _ = w.Write(tempo(t, "1.0.0"))
	}))
	defer elsewhere.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, "entries:\n  tempo:\n  - {version: 1.0.0, urls: ['%s/tempo.tgz']}\n", elsewhere.URL)
	}))
	defer home.Close()
	chart, err := Source{Ref: "tempo", Repository: home.URL, Username: "reader", Password: secret.NewText(password)}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, "tempo-1.0.0", chart.ID())
	require.Empty(t, seen)
}

func TestRepositoryOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(repository(t))
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	source := Source{Ref: "tempo", Repository: server.URL, Version: "2.0.0"}
	_, err := source.Load(t.Context())
	require.ErrorContains(t, err, "certificate signed by unknown authority")
	for _, trusting := range []Source{{CAFile: ca}, {Insecure: true}} {
		trusting.Ref, trusting.Repository, trusting.Version = source.Ref, source.Repository, source.Version
		chart, err := trusting.Load(t.Context())
		require.NoError(t, err)
		require.Equal(t, "tempo-2.0.0", chart.ID())
	}
}

// An index that Helm did not write has no block to cut out.
func TestEntriesOfAnyIndex(t *testing.T) {
	for name, index := range map[string]string{
		"as Helm writes it": "apiVersion: v1\nentries:\n  tempo:\n  - version: 1.0.0\n\n  - version: 2.0.0\n  zipkin:\n  - version: 3.0.0\n",
		"in JSON":           `{"entries": {"tempo": [{"version": "1.0.0"}, {"version": "2.0.0"}]}}`,
		"other blanks":      "entries:\n    tempo:\n        - version: 1.0.0\n        - version: 2.0.0\n",
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := entriesOf([]byte(index), "tempo")
			require.NoError(t, err)
			require.Len(t, entries, 2)
			require.Equal(t, "2.0.0", entries[0].Version)
		})
	}
	require.True(t, Exact("v1.2.3"))
	require.False(t, Exact("~1.2.3"))
	require.Equal(t, "the address", plain("http://["))
	require.Equal(t, "http://charts.example/", plain("http://user:word@charts.example/"))
}
