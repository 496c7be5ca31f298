// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// From 2.4 to 2.10 rate() is answered by a metrics generator that keeps local blocks, which needs no remote write. One without them
// cannot.
func TestGenerator(t *testing.T) {
	cases := map[string]struct {
		reason    string
		processor string
		status    int
		said      string
	}{
		"local-blocks": {"it has the spans", "local-blocks", http.StatusOK, `"series":[{`},
		"span-metrics": {"it counts and forgets", "span-metrics", http.StatusInternalServerError, "localblocks processor not found"},
	}
	each(t, "3.0", func(t *testing.T, p program) {
		for name, test := range cases {
			if !p.among(t, "2.4", "") {
				continue // no rate() yet, which TestQueries shows
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				s := p.start(t, fmt.Sprintf("metrics_generator: {storage: {path: %[1]s/generator}, traces_storage: {path: %[1]s/traces}}\n"+
					"overrides: {defaults: {metrics_generator: {processors: [%[2]s]}}}\n", folder, test.processor))
				var status int
				var body string
				require.Eventually(t, func() bool {
					call(http.MethodPost, "http://"+s.zipkin+"/api/v2/spans", map[string]string{"Content-Type": "application/json"}, zipkin(byZipkin, "web", "vote", age))
					status, _, body = s.get("/api/metrics/query_range?q="+q("{} | rate()")+"&since=5m&step=60s", nil)
					return status == test.status && strings.Contains(body, test.said)
				}, time.Minute, time.Second, "%s: %d %s", test.reason, &status, &body)
			})
		}
	})
}
