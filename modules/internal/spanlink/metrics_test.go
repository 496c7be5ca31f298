// SPDX-License-Identifier: AGPL-3.0-or-later

package spanlink

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetricsQueries(t *testing.T) {
	type data = map[string]any
	service := []any{data{"key": "service.name", "value": "service"}}
	cases := map[string]struct {
		reason   string
		link     data
		promql   []string
		from, to int64 // milliseconds
	}{
		"as the role sets it": {"the tag under its label", data{"tags": service, "queries": []any{data{"query": "rate(calls{$__tags}[5m])"}}, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m"}, []string{`rate(calls{service="traefik"}[5m])`}, 999700500, 1000300502},
		"two of each":         {"in all queries, each time", data{"tags": append([]any{data{"key": "http.route"}, data{"key": "absent"}}, service...), "queries": []any{data{"query": "a{$__tags} / b{$__tags}"}, data{"query": "c"}}}, []string{`a{http.route="/api", service="traefik"} / b{http.route="/api", service="traefik"}`, "c"}, 1000000500, 1000000502},
		"of both":             {"the resource's attribute takes precedence", data{"tags": []any{data{"key": "pod"}}, "queries": []any{data{"query": "a{$__tags}"}}}, []string{`a{pod="of the resource"}`}, 1000000500, 1000000502},
		"no tags":             {"Grafana inserts nothing", data{"queries": []any{data{"query": "a{$__tags}"}}}, []string{"a{$__tags}"}, 1000000500, 1000000502},
		"without a text":      {"Grafana's own query", data{"queries": []any{data{"name": "x"}}}, []string{`histogram_quantile(0.5, sum(rate(traces_spanmetrics_latency_bucket{service="traefik"}[5m])) by (le))`}, 1000000500, 1000000502},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.link["datasourceUid"] = "prometheus"
			queries, found := RenderMetrics(data{MetricsKey: c.link}, span)
			require.True(t, found)
			require.Equal(t, "prometheus", queries.UID)
			require.Equal(t, c.promql, queries.PromQL, c.reason)
			require.Equal(t, c.from, queries.From.UnixMilli(), c.reason)
			require.Equal(t, c.to, queries.To.UnixMilli(), c.reason)
		})
	}
	for name, settings := range map[string]data{"none": {}, "without queries": {MetricsKey: data{"datasourceUid": "x"}}, "without a source": {MetricsKey: data{"queries": []any{data{}}}}} {
		_, found := RenderMetrics(settings, span)
		require.False(t, found, name)
	}
}
