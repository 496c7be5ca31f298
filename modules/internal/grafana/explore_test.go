// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTraceLink(t *testing.T) {
	begin := time.UnixMilli(1_700_000_000_000)
	pane := func(kind string) string {
		return `{"datasource":"tempo","queries":[{"datasource":{"type":"tempo","uid":"tempo"},"query":"abc","queryType":"` + kind + `","refId":"A"}],"range":{"from":"1699999100000","to":"1700000900000"}}`
	}
	cases := map[string]struct {
		reason string
		link   Link
		path   string
		want   url.Values
	}{
		"new":             {"TraceQL takes an ID", Link{Address: "https://grafana.example", Version: "12.1.0", UID: "tempo"}, "https://grafana.example/explore", url.Values{"left": {pane("traceql")}}},
		"old":             {"it has a query type for IDs", Link{Address: "https://grafana.example", Version: "9.2.5", UID: "tempo"}, "https://grafana.example/explore", url.Values{"left": {pane("traceId")}}},
		"unknown":         {"most Grafanas are new", Link{Address: "https://grafana.example", UID: "tempo"}, "https://grafana.example/explore", url.Values{"left": {pane("traceql")}}},
		"below a path":    {"behind a proxy", Link{Address: "https://pi.example/grafana/", UID: "tempo"}, "https://pi.example/grafana/explore", url.Values{"left": {pane("traceql")}}},
		"an organization": {"the user may be in another organization", Link{Address: "https://grafana.example", UID: "tempo", Org: 7}, "https://grafana.example/explore", url.Values{"left": {pane("traceql")}, "orgId": {"7"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := url.Parse(test.link.Trace("abc", begin))
			require.NoError(t, err)
			require.Equal(t, test.want, got.Query(), test.reason)
			got.RawQuery = ""
			require.Equal(t, test.path, got.String())
		})
	}
}
