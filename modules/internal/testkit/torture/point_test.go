// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// A request is recognised in the next run, whose names are others.
func TestARequestHasOneName(t *testing.T) {
	cases := map[string]struct{ reason, method, target, want string }{
		"several parameters": {"their order in the name is not that of Go's map", http.MethodPatch, "/api/v1/namespaces/tempo-1?fieldManager=a&dryRun=All&labelSelector=b%3Dc&force=true",
			"PATCH /api/v1/namespaces/NAME dryRun=All fieldManager=a labelSelector=b=c"},
		"a parameter without a value": {"S3 has calls that differ in nothing else", http.MethodGet, "/tempo-1?quota=&timeout=3s", "GET /NAME quota="},
		"an id":                       {"each run has its own trace", http.MethodGet, "/api/traces/0af7651916cd43dd8448eb211c80319c", "GET /api/traces/ID"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			w := &watch{names: []string{"tempo-1"}}
			for range 20 {
				got := w.named("API", httptest.NewRequest(test.method, test.target, nil))
				require.Equal(t, point{server: "API", request: test.want}, got, test.reason)
			}
		})
	}
}
