// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The links of a finding get into Grafana by each way, and the next run, without a
// finding, leaves them as they are.
func TestLogLinkByAPIAndFile(t *testing.T) {
	for _, way := range []string{"api", "configmap"} {
		t.Run(way, func(t *testing.T) {
			l := newLab(t)
			task, uid := l.fileTask(loki)
			task = task.With(map[string]any{"via": way})
			testkit.FourRuns(t, task.With(data{"log_link": metadata(), "loki": logs(nil)["loki"]}))
			field := l.settings(uid)["derivedFields"].([]any)[0].(map[string]any)
			require.Equal(t, []any{"label", "trace_id", "${__value.raw}"}, []any{field["matcherType"], field["matcherRegex"], field["url"]})
			require.Equal(t, metadata(), l.settings(uid)["picluster_log_link"])
			testkit.Unchanged(t, task.With(data{"log_link": data{}, "loki": logs(nil)["loki"]}).Apply(t))

			traced, spans := l.fileTask(tempo)
			traced = traced.With(map[string]any{"via": way})
			testkit.FourRuns(t, traced.With(data{"log_link": metadata(), "tempo": traces(nil)["tempo"]}))
			link := l.settings(spans)["tracesToLogsV2"].(map[string]any)
			require.Equal(t, `{service_name="traefik"} | trace_id="${__trace.traceId}"`, link["query"])
			testkit.Unchanged(t, traced.With(data{"log_link": data{}, "tempo": traces(nil)["tempo"]}).Apply(t))
		})
	}
}
