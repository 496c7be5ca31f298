// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
)

func TestReachable(t *testing.T) {
	server := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	defer server.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	cases := map[string]struct{ reason, url, err string }{
		"there":       {"it can be fetched", server.URL + "/", ""},
		"no internet": {"the next move is in the message", "http://" + closed.Addr().String() + "/traefik.tgz", "connection refused; without IMAGES the lab uses its own"},
		"no chart":    {"waiting would not help", server.URL + "/traefik.tgz", "IMAGES=real needs the internet, for charts and images: fetch " + server.URL + "/traefik.tgz: the chart repository answers status 404; without IMAGES the lab uses its own"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := reachable(t.Context(), c.url, 0)
			if c.err == "" {
				require.NoError(t, err, c.reason)
				return
			}
			require.ErrorContains(t, err, c.err, c.reason)
		})
	}
}

func TestOnlyRealImagesNeedTheInternet(t *testing.T) {
	for _, source := range []parts.Images{parts.OwnImages, parts.LoopbackImages} {
		lab, _ := testStack(t)
		lab.Source, lab.Pods = source, true
		require.NoError(t, lab.online(t.Context(), 0), source)
	}
}
