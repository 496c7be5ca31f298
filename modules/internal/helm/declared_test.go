// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestOversizedArtifactIsNotDownloaded(t *testing.T) {
	const (
		image = "application/vnd.oci.image.manifest.v1+json"
		chart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	)
	layer := func(size uint64) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%s","size":%d}`, chart, digest(fmt.Append(nil, size)), size)
	}
	cases := map[string]struct {
		reason string
		layers string
		says   string
	}{
		"one huge layer":  {"it would be held in memory", layer(1 << 40), "the registry announces 1048576 MiB, and a chart may have 64 MiB at most"},
		"many layers":     {"their sum counts", strings.Join([]string{layer(30 << 20), layer(30<<20 + 1), layer(30<<20 + 2)}, ","), "the registry announces 90 MiB"},
		"beyond a number": {"sums do not overflow", layer(1<<62) + "," + layer(1<<62+1), "the registry announces 8796093022207 MiB"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			manifest := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:%s","size":2},"layers":[%s]}`,
				image, digest([]byte("{}")), test.layers)
			var blobs atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/blobs/") {
					blobs.Add(1)
					return
				}
				w.Header().Set("Content-Type", image)
				w.Header().Set("Docker-Content-Digest", "sha256:"+digest(manifest))
				w.Header().Set("Content-Length", fmt.Sprint(len(manifest)))
				_, _ = w.Write(manifest)
			}))
			t.Cleanup(server.Close)
			source := Source{Ref: "oci://" + strings.TrimPrefix(server.URL, "http://") + "/charts/tempo", Version: "1.0.0", PlainHTTP: true}
			_, err := source.Load(t.Context())
			require.ErrorContains(t, err, test.says, test.reason)
			require.Equal(t, fault.Rejected, fault.KindOf(err))
			require.Contains(t, fault.HintOf(err), "check chart_ref")
			require.Zero(t, blobs.Load(), "nothing was downloaded")
		})
	}
}
