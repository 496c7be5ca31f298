// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package datasource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// stack is a data source in the values of kube-prometheus-stack.
type stack struct {
	*lab
	object, key, name string
}

// provision renders grafana.additionalDataSources as the chart does, and waits
// until Grafana has read the entry.
func (s stack) provision(entry map[string]any) {
	s.t.Helper()
	s.write(map[string]any{"apiVersion": 1, "datasources": []any{entry}})
	require.Eventually(s.t, func() bool {
		status, found := s.api("GET", "/api/datasources/name/"+s.name, nil)
		return status == 200 && found["url"] == entry["url"] && s.text(found["jsonData"]) == strings.ReplaceAll(s.text(entry["jsonData"]), "$$", "$")
	}, 5*time.Minute, 200*time.Millisecond)
}

// write replaces the chart's provisioning file.
func (s stack) write(content map[string]any) {
	s.t.Helper()
	ctx, client := context.Background(), cluster(s.t).CoreV1().ConfigMaps(monitoring)
	file, err := yaml.Marshal(content)
	require.NoError(s.t, err)
	made := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: s.object, Labels: map[string]string{"grafana_datasource": "1"},
		Annotations: map[string]string{"meta.helm.sh/release-name": "kube-prometheus-stack"}}, Data: map[string]string{s.key: string(file)}}
	if _, err = client.Update(ctx, made, meta.UpdateOptions{}); err != nil {
		_, err = client.Create(ctx, made, meta.CreateOptions{})
	}
	require.NoError(s.t, err)
}

// text is a data source's settings in one form.
func (s stack) text(settings any) string {
	s.t.Helper()
	if settings == nil {
		return "{}"
	}
	text, err := json.Marshal(settings)
	require.NoError(s.t, err)
	return string(text)
}

// entry is the YAML at the end of a message, as somebody pastes it and the chart,
// which takes it for a template, renders it.
func (s stack) entry(message string) map[string]any {
	s.t.Helper()
	_, pasted, found := strings.Cut(message, "in place of the entry with its name:\n")
	require.True(s.t, found, message)
	chart, err := template.New("").Parse(pasted)
	require.NoError(s.t, err, pasted)
	var rendered bytes.Buffer
	require.NoError(s.t, chart.Execute(&rendered, nil))
	var entries []map[string]any
	require.NoError(s.t, yaml.Unmarshal(rendered.Bytes(), &entries), pasted)
	require.Len(s.t, entries, 1)
	return entries[0]
}

// What a message says to put into the values of kube-prometheus-stack is all that
// the next run asks for.
func TestPastedProposalIsAccepted(t *testing.T) {
	const tempoURL, lokiURL = "http://tempo-query-frontend.tracing.svc.cluster.local:3100", "http://loki-gateway.logging.svc.cluster.local"
	logs := map[string]any{"accept_provisioned": true, "tempo": map[string]any{"traces_to_logs": map[string]any{
		"datasource_uid": "loki", "query": `{app="traefik"} |= "${__trace.traceId}"`, "span_start_shift": "-5m", "span_end_shift": "5m"}}}
	link := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{
		"name": "TraceID", "trace_id_field": "request_X-B3-Traceid", "datasource_uid": "tempo"}}}}
	field := map[string]any{"datasourceUid": "tempo", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "name": "TraceID", "url": "$${__value.raw}"}
	tests := map[string]struct {
		reason  string
		kind    string
		url     string
		options map[string]any
		theirs  map[string]any
		// warned and fails say how the first run ends: not at all, with a warning, or with an error.
		warned, fails bool
	}{
		"Tempo without the link": {"the procedure's own values, whose link is optional", "tempo", tempoURL, logs, nil, true, false},
		"Tempo elsewhere":        {"another address may be another Tempo", "tempo", tempoURL, logs, map[string]any{"url": "http://other:3100"}, false, true},
		"Loki with the link":     {"the procedure's own values", "loki", lokiURL, link, map[string]any{"jsonData": map[string]any{"derivedFields": []any{field}}}, false, false},
		"Loki without the link":  {"no log line leads to a trace", "loki", lokiURL, link, nil, false, true},
		"Loki with other links":  {"they stay", "loki", lokiURL, link, map[string]any{"jsonData": map[string]any{"maxLines": 5, "derivedFields": []any{map[string]any{"name": "user", "matcherRegex": `user=(\w{2,})`, "url": "http://x/$${__value.raw}"}}}}, false, true},
		"Loki with a login":      {"the chart reads the braces of the template language", "loki", lokiURL, link, map[string]any{"basicAuth": true, "basicAuthUser": "u{{x}}"}, false, true},
	}
	for name, tc := range tests {
		for _, via := range []string{"api", "configmap"} {
			t.Run(name+" "+via, func(t *testing.T) {
				t.Parallel() // they wait for Grafana
				l := newLab(t)
				task, unique := l.fileTask(tc.options)
				s := stack{l, "kps-grafana-datasource-" + unique, "theirs-" + unique + ".yaml", unique}
				t.Cleanup(func() {
					_ = cluster(t).CoreV1().ConfigMaps(monitoring).Delete(context.Background(), s.object, meta.DeleteOptions{})
				})
				entry := map[string]any{"name": unique, "uid": unique, "type": tc.kind, "access": "proxy", "url": tc.url, "orgId": l.orgID}
				for key, value := range tc.theirs {
					entry[key] = value
				}
				s.provision(entry)
				task = task.With(map[string]any{"via": via, "ds_type": tc.kind, "ds_url": tc.url})
				first := task.Apply(t)
				message := ""
				switch warnings, _ := first["warnings"].([]any); {
				case tc.fails:
					message = testkit.Failed(t, first)
				case tc.warned:
					testkit.Unchanged(t, first)
					require.Len(t, warnings, 1, tc.reason)
					message = warnings[0].(string)
				default:
					testkit.Unchanged(t, first)
					require.Empty(t, warnings, tc.reason)
					return
				}
				s.provision(s.entry(message))
				second := task.Apply(t)
				testkit.Unchanged(t, second)
				require.Empty(t, second["warnings"], tc.reason)
				require.Empty(t, testkit.Writes(l.proxy.Requests()), "nothing is written beside the values")
			})
		}
	}
}

// Somebody takes a data source out of the values of kube-prometheus-stack, which
// then tell Grafana to delete it, or only no longer have it: a ConfigMap of our own
// takes its place. The chart's file comes first by its name.
func TestConfigMapTakesThePlaceOfTheValues(t *testing.T) {
	tests := map[string]struct {
		reason string
		left   func(name string, orgID int64) map[string]any
	}{
		"deleteDatasources": {"Grafana deletes it whenever it reads the files, and makes ours anew", func(name string, orgID int64) map[string]any {
			return map[string]any{"apiVersion": 1, "deleteDatasources": []any{map[string]any{"name": name, "orgId": orgID}}}
		}},
		"prune": {"what is in another file is not pruned", func(string, int64) map[string]any {
			return map[string]any{"apiVersion": 1, "prune": true}
		}},
		"nothing": {"Grafana keeps what no file has any more, and ours adopts it", func(string, int64) map[string]any {
			return map[string]any{"apiVersion": 1}
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for Grafana
			l := newLab(t)
			task, unique := l.fileTask(tempo)
			s := stack{l, "kps-grafana-datasource-" + unique, "datasource-" + unique + ".yaml", unique}
			t.Cleanup(func() {
				_ = cluster(t).CoreV1().ConfigMaps(monitoring).Delete(context.Background(), s.object, meta.DeleteOptions{})
			})
			s.provision(map[string]any{"name": unique, "uid": unique, "type": "tempo", "access": "proxy", "url": "http://theirs", "orgId": l.orgID})
			require.Contains(t, testkit.Failed(t, task.Apply(t)), "it comes from ConfigMap monitoring/"+s.object)
			s.write(tc.left(unique, l.orgID))
			testkit.FourRuns(t, task)
			require.Equal(t, tempo["ds_url"], l.source(unique)["url"], tc.reason)
			require.Empty(t, testkit.Writes(l.proxy.Requests()), "nothing is written beside the file")
		})
	}
}
