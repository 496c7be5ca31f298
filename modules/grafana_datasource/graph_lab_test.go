// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The role grafana finds the data source with the metrics by its name, leaves it
// as it is, and makes Tempo's use it for the service graph.
func TestServiceGraphOfADataSource(t *testing.T) {
	l := newLab(t)
	look := l.task(map[string]any{"via": "api", "required": false, "ds_type": "prometheus", "name": "Prometheus"})
	missing := look.Check(t)
	require.True(t, missing.Failed(), "%v", missing)
	require.Equal(t, "usage", missing["kind"], "which tells the role that there is none")

	status, made := l.api("POST", "/api/datasources", map[string]any{"name": "Prometheus", "uid": "made-by-grafana", "type": "prometheus", "access": "proxy", "url": "http://prometheus:9090"})
	require.Equal(t, 200, status, "%v", made)
	found := testkit.Unchanged(t, look.Check(t))
	require.Equal(t, "made-by-grafana", found["uid"])

	const rate = "sum(rate(traces_spanmetrics_calls_total{$__tags}[5m]))"
	testkit.FourRuns(t, l.task(tempo).With(map[string]any{"tempo": map[string]any{
		"service_map": found["uid"], "node_graph": true,
		"traces_to_metrics": map[string]any{"datasource_uid": found["uid"], "tags": []any{map[string]any{"key": "service.name", "value": "service"}},
			"span_start_shift": "-5m", "span_end_shift": "5m", "queries": []any{map[string]any{"name": "Requests per second", "query": rate}}},
	}}))
	require.Equal(t, map[string]any{
		"serviceMap": map[string]any{"datasourceUid": "made-by-grafana"}, "nodeGraph": map[string]any{"enabled": true},
		"tracesToMetrics": map[string]any{"datasourceUid": "made-by-grafana", "tags": []any{map[string]any{"key": "service.name", "value": "service"}},
			"spanStartTimeShift": "-5m", "spanEndTimeShift": "5m", "queries": []any{map[string]any{"name": "Requests per second", "query": rate}}},
	}, l.settings("tempo"))
}
