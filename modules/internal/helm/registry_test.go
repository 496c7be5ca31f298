// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// registryOf serves a chart under tags as an OCI registry does (opencontainers/
// distribution-spec, spec.md), to who logs in.
func registryOf(t *testing.T, packed []byte, tags ...string) *httptest.Server {
	t.Helper()
	config := []byte(`{"name":"tempo","version":"1.0.0"}`)
	blob := func(mediaType string, data []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": "sha256:" + digest(data), "size": len(data)}
	}
	manifest, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": blob("application/vnd.cncf.helm.config.v1+json", config),
		"layers": []any{blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", packed)}})
	require.NoError(t, err)
	serve := func(mediaType string, data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("Docker-Content-Digest", "sha256:"+digest(data))
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
			_, _ = w.Write(data)
		}
	}
	routes := http.NewServeMux()
	listed, err := json.Marshal(map[string]any{"name": "charts/tempo", "tags": tags})
	require.NoError(t, err)
	routes.HandleFunc("GET /v2/charts/tempo/tags/list", serve("application/json", listed))
	for _, reference := range append(tags, "sha256:"+digest(manifest)) {
		routes.HandleFunc("GET /v2/charts/tempo/manifests/"+reference, serve("application/vnd.oci.image.manifest.v1+json", manifest))
	}
	for _, data := range [][]byte{config, packed} {
		routes.HandleFunc("GET /v2/charts/tempo/blobs/sha256:"+digest(data), serve("application/octet-stream", data))
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		routes.ServeHTTP(w, r)
	}))
}

func TestPullFromRegistry(t *testing.T) {
	server := registryOf(t, tempo(t, "1.0.0"), "0.9.0", "1.0.0", "1.1.0-rc.1", "2.0.0_build.7", "latest")
	defer server.Close()
	source := Source{Ref: "oci://" + strings.TrimPrefix(server.URL, "http://") + "/charts/tempo", PlainHTTP: true, Username: "reader", Password: secret.NewText(password)}
	for version, reason := range map[string]string{"1.0.0": "a tag", "~1.0": "the newest of a range", "": "the newest", "2.0.0+build.7": "a tag has no plus sign"} {
		t.Run(version, func(t *testing.T) {
			source.Version = version
			chart, err := source.Load(t.Context())
			require.NoError(t, err, reason)
			require.Equal(t, "tempo-1.0.0", chart.ID())
		})
	}
	source.Version = "~7.0"
	_, err := source.Load(t.Context())
	require.ErrorContains(t, err, "the registry has no version ~7.0 of it")
	source.Version = "newest"
	_, err = source.Load(t.Context())
	require.ErrorContains(t, err, `"newest" is not a version`)
	require.Equal(t, fault.Usage, fault.KindOf(err))
	source.Version = "7.0.0"
	_, err = source.Load(t.Context())
	require.ErrorContains(t, err, "/charts/tempo:7.0.0")
	source.Username = ""
	for _, version := range []string{"1.0.0", ""} {
		source.Version = version
		_, err = source.Load(t.Context())
		require.Error(t, err, "there is no login")
		require.NotContains(t, err.Error(), password)
	}
}
