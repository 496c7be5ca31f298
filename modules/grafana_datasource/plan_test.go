// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/streaming"
)

// TestAbsentFieldCreatesNoDataSource removes tracing from a cluster whose
// Loki is not a data source of Grafana.
func TestAbsentFieldCreatesNoDataSource(t *testing.T) {
	gone := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}}
	wanted := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}
	tests := map[string]struct {
		reason   string
		options  map[string]any
		observed Status
		want     []string
	}{
		"api":                {"nothing exists", gone, Status{Via: viaAPI, Address: "http://loki"}, []string{}},
		"configmap":          {"there is no file, and no data source to adopt", gone, Status{Via: viaConfigMap, Address: "http://loki"}, []string{}},
		"foreign":            {"this would adopt it", gone, Status{Via: viaConfigMap, File: File{Asked: true, Live: existing(map[string]any{jsondata.DerivedFields: []any{map[string]any{"name": "TraceID"}}})}}, []string{}},
		"api, wanted":        {"a wanted field creates the data source", wanted, Status{Via: viaAPI, Address: "http://loki"}, []string{"create datasource/X"}},
		"configmap, wanted":  {"the same", wanted, Status{Via: viaConfigMap, Address: "http://loki"}, []string{"create datasource/X"}},
		"a file without it":  {"it is left as it is", gone, Status{Via: viaConfigMap, Source: existing(nil), File: File{Object: ours(), Target: *ours()}}, []string{}},
		"a file that has it": {"it is written again", gone, Status{Via: viaConfigMap, Source: existing(map[string]any{jsondata.DerivedFields: []any{map[string]any{"name": "TraceID"}}}), File: File{Object: ours(), Target: *ours()}}, []string{"update datasource/X"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := planned(t, tc.options, tc.observed)
			require.NoError(t, err)
			require.Equal(t, tc.want, plan.Paths(), tc.reason)
		})
	}
}

// A file that a GitOps tool manages is left to it, with what to put there.
func TestForeignFileIsLeftAlone(t *testing.T) {
	kept := ours()
	kept.Owner = kube.Owner{Name: "Argo CD's Application grafana", Place: "the Git repository of that Application"}
	want := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}
	_, err := planned(t, want, Status{Via: viaConfigMap, Source: existing(nil), File: File{Object: kept, Target: *ours()}})
	require.EqualError(t, err, "write ConfigMap m/grafana-datasource-x: it belongs to Argo CD's Application grafana, which would undo the change")
	require.Contains(t, fault.HintOf(err), "change it in the Git repository of that Application, or give another configmap_name; the file is:\n")
	require.Contains(t, fault.HintOf(err), "matcherRegex: (x)")

	want["basic_auth_password"] = "hunter2hunter2"
	secret := *kept
	secret.Kind = grafana.Secret
	_, err = planned(t, want, Status{Via: viaConfigMap, Source: existing(nil), File: File{Object: &secret, Target: secret}})
	require.ErrorContains(t, err, "it belongs to Argo CD's Application grafana, which would undo the change")
	require.Contains(t, fault.HintOf(err), "; the file is, with its secrets in the place of ***:\n")
	require.Contains(t, fault.HintOf(err), "basicAuthPassword: '***'")
	require.NotContains(t, fault.HintOf(err), "hunter2")

	gone := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}}
	plan, err := planned(t, gone, Status{Via: viaConfigMap, Source: existing(nil), File: File{Object: kept, Target: *ours()}})
	require.NoError(t, err, "there is nothing to change")
	require.Empty(t, plan.Changes)
}

func TestTerminatingNamespaceIsRefused(t *testing.T) {
	want := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}
	_, err := planned(t, want, Status{Via: viaConfigMap, Address: "http://loki", File: File{Deleting: fault.New(fault.Conflict, "wait", "namespace m is being deleted")}})
	require.EqualError(t, err, "namespace m is being deleted")
}

// A file of ours is looked for as soon as anything differs, also what Tempo and
// Grafana reported: streaming, and the link under its legacy key.
func TestReadOnlyDataSourceDiffers(t *testing.T) {
	wanted := map[string]any{"tempo": map[string]any{"streaming": map[string]any{"search": true}}}
	link := map[string]any{"tempo": map[string]any{"traces_to_logs": map[string]any{"datasource_uid": "loki"}}}
	linked := map[string]any{"tracesToLogsV2": map[string]any{"datasourceUid": "loki"}}
	tests := map[string]struct {
		reason   string
		options  map[string]any
		settings map[string]any
		change   func(*Status)
		want     bool
	}{
		"nothing differs":   {"there is nothing to write", map[string]any{}, nil, func(*Status) {}, false},
		"a setting":         {"the API cannot change it", map[string]any{"json_data": map[string]any{"a": 1}}, nil, func(*Status) {}, true},
		"streaming":         {"Tempo can stream now", wanted, nil, func(s *Status) { s.Streaming = &streaming.Answer{} }, true},
		"no streaming":      {"Tempo cannot stream", wanted, nil, func(s *Status) { s.Streaming = &streaming.Answer{Off: map[string]string{"search": "no"}} }, false},
		"legacy link":       {"an old Grafana reads only this key", link, linked, func(s *Status) { s.NeedsLegacyLink = true }, true},
		"no legacy link":    {"a new Grafana reads the new key", link, linked, func(*Status) {}, false},
		"absent":            {"it exists", map[string]any{"state": "absent"}, nil, func(*Status) {}, true},
		"of Grafana itself": {"the API can change it", map[string]any{"json_data": map[string]any{"a": 1}}, nil, func(s *Status) { s.Source.ReadOnly = false }, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			spec, err := Module{}.Spec(read(t, tc.options))
			require.NoError(t, err)
			status := Status{Via: viaAPI, Source: existing(tc.settings)}
			status.Source.Type, status.Source.ReadOnly = "tempo", true
			tc.change(&status)
			status.Proposal = status.proposal(spec, false)
			require.Equal(t, tc.want, status.readOnly(spec), tc.reason)
		})
	}
}

// planned is the plan for a status without a proposal yet.
func planned(t *testing.T, options map[string]any, status Status) (plan.Plan, error) {
	t.Helper()
	spec, err := Module{}.Spec(read(t, options))
	require.NoError(t, err)
	status.Proposal = status.proposal(spec, false)
	return (&client{}).Plan(spec, status)
}

func existing(settings map[string]any) *grafana.Source {
	return &grafana.Source{UID: "x", Name: "X", Type: "loki", URL: "http://loki", Access: "proxy", OrgID: 1, JSONData: settings}
}

func ours() *grafana.ProvisioningObject {
	return &grafana.ProvisioningObject{Kind: grafana.ConfigMap, Namespace: "m", Name: "grafana-datasource-x", Labels: map[string]string{"app.kubernetes.io/managed-by": "picluster.tracing"}}
}
