// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// Nothing is known about the shipper: the proof finds the line, the links are made
// from that, and then all of them work. The data sources keep it, so that the next
// proof first looks where the line was.
func TestLinksAreRepaired(t *testing.T) {
	store := stack.StartLoki(t)
	cases := map[string]struct {
		reason string
		set    setting
		place  loglink.Place
		kinds  []string // of the streams in Loki
	}{
		"by a name":             {"k8s-monitoring's label", setting{search: true, stream: map[string]string{"app_kubernetes_io_name": "traefik", "namespace": "kube-system"}}, "field", []string{`{app_kubernetes_io_name="traefik"}`}},
		"by the shipper's name": {"Fluent Bit's and Vector's, where the line is nested", setting{search: true, nested: true, stream: map[string]string{"job": "fluent-bit"}}, "field", []string{`{job="fluent-bit"}`}},
		"in metadata":           {"OTLP's shape", setting{search: true, metadata: true, stream: map[string]string{"service_name": "traefik"}}, "metadata", []string{`{service_name="traefik"}`}},
		"by Traefik itself":     {"its access log by OTLP, which leaves its output silent", setting{search: true, otlp: true}, "field", []string{`{service_name="traefik"}`}},
		"in the format common":  {"sent by OTLP, the ID is in the record alone", setting{search: true, otlp: true, traefik: []string{"--accesslog.format=common"}}, "metadata", []string{`{service_name="traefik"}`}},
		"both ways":             {"with dualOutput a shipper sends the same line again", setting{search: true, otlp: true, traefik: []string{"--accesslog.dualOutput=true"}}, "field", []string{`{app="traefik"}`, `{service_name="traefik"}`}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, kinds := newStack(t, store, test.set).findThemselves(t, len(test.kinds))
			require.Equal(t, test.place, found.Place, test.reason)
			require.ElementsMatch(t, test.kinds, kinds)
		})
	}
}

// findThemselves proves the chain with dead links, has the data sources take the
// finding, and proves it again. It returns the finding, and selectors of all
// streams in Loki, of which there will be at least that many.
func (s *servers) findThemselves(t *testing.T, streams int) (loglink.Link, []string) {
	t.Helper()
	wrong := map[string]any{"name": "Traefik", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`}
	task := s.task().With(s.grafana(t, links{field: wrong})).With(map[string]any{"wait_timeout": "1m"})
	dead := task.Apply(t)
	require.Contains(t, testkit.Failed(t, dead), "hop derived_field")
	found := dead["log_link"].(map[string]any)
	for _, source := range []map[string]any{
		{"uid": task.Options["loki_uid"], "loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "trace_id_field": []any{"trace_id"}, "datasource_uid": task.Options["tempo_uid"]}}}},
		{"uid": task.Options["tempo_uid"], "tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": task.Options["loki_uid"]}}},
	} {
		made := testkit.Task{New: registry.Modules["grafana_datasource"], Options: map[string]any{"log_link": found, "check_health": false}}
		for _, option := range []string{"grafana_url", "grafana_user", "grafana_password"} {
			made = made.With(map[string]any{option: task.Options[option]})
		}
		testkit.FourRuns(t, made.With(source))
	}
	for range 2 {
		result := testkit.Unchanged(t, task.Apply(t))
		require.Equal(t, all(), statuses(t, result))
		require.Equal(t, found, result["log_link"], "it holds")
	}
	link, whole := loglink.Parse(found)
	require.True(t, whole)
	return link, s.linked(t, link, streams)
}

// linked are selectors of the streams in Loki, one for each way that lines came. The
// field that a link makes must find an ID in every line of theirs.
func (s *servers) linked(t *testing.T, link loglink.Link, streams int) (selectors []string) {
	t.Helper()
	kind, expression := link.Derived()
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Minute)
	get := loki.Directly(s.loki.URL, s.tenant, http.DefaultClient)
	var all []map[string]string
	require.Eventually(t, func() bool { // Traefik sends its own lines in batches
		var err error
		all, err = loki.Series(t.Context(), get, from, to)
		return err == nil && len(all) >= streams
	}, time.Minute, 100*time.Millisecond)
	for _, labels := range all {
		selectors = append(selectors, loglink.Selector(labels))
		lines, err := loki.Lines(t.Context(), get, loglink.Selector(labels), from, to, 100)
		require.NoError(t, err)
		require.NotEmpty(t, lines)
		for _, line := range lines {
			_, has, err := loglink.Evaluate(map[string]any{"matcherType": kind, "matcherRegex": expression}, line, "")
			require.NoError(t, err)
			require.True(t, has, "%s in %s", expression, line.Text)
		}
	}
	return selectors
}
