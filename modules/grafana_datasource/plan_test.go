// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
)

// TestAFieldThatIsToGoMakesNoDataSource is the end of tracing on a cluster whose
// Loki nobody has made known to Grafana.
func TestAFieldThatIsToGoMakesNoDataSource(t *testing.T) {
	gone := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}}
	wanted := map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}
	tests := map[string]struct {
		reason  string
		options map[string]any
		have    State
		want    []string
	}{
		"api":                {"nothing is there", gone, State{Via: viaAPI, Address: "http://loki"}, []string{}},
		"configmap":          {"no file, and no data source that it would take over", gone, State{Via: viaConfigMap, Address: "http://loki"}, []string{}},
		"of somebody else's": {"which by this way would be taken over", gone, State{Via: viaConfigMap, File: File{Asked: true, Live: there(map[string]any{derivedFields: []any{map[string]any{"name": "TraceID"}}})}}, []string{}},
		"api, wanted":        {"a field is something to make one for", wanted, State{Via: viaAPI, Address: "http://loki"}, []string{"create datasource/X"}},
		"configmap, wanted":  {"the same", wanted, State{Via: viaConfigMap, Address: "http://loki"}, []string{"create datasource/X"}},
		"a file without it":  {"stays as it is", gone, State{Via: viaConfigMap, Source: there(nil), File: File{Holder: ours(), Target: *ours()}}, []string{}},
		"a file that has it": {"is written again", gone, State{Via: viaConfigMap, Source: there(map[string]any{derivedFields: []any{map[string]any{"name": "TraceID"}}}), File: File{Holder: ours(), Target: *ours()}}, []string{"update datasource/X"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			module := New()
			want, err := module.Desired(read(t, tc.options))
			require.NoError(t, err)
			plan, err := module.Plan(want, tc.have)
			require.NoError(t, err)
			require.Equal(t, tc.want, plan.Paths(), tc.reason)
		})
	}
}

// A file that a GitOps tool keeps is left to it, with what is to be put there.
func TestAForeignFileIsLeftAlone(t *testing.T) {
	kept := ours()
	kept.Owner = kube.Owner{Name: "Argo CD's Application grafana", Place: "the Git repository of that Application"}
	module := New()
	want, err := module.Desired(read(t, map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}))
	require.NoError(t, err)
	_, err = module.Plan(want, State{Via: viaConfigMap, Source: there(nil), File: File{Holder: kept, Target: *ours()}})
	require.EqualError(t, err, "write ConfigMap m/grafana-datasource-x: it belongs to Argo CD's Application grafana, which would undo the change")
	require.Contains(t, fault.HintOf(err), "change it in the Git repository of that Application, or give another configmap_name; the file is:\n")
	require.Contains(t, fault.HintOf(err), "matcherRegex: (x)")

	gone, err := module.Desired(read(t, map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "state": "absent"}}}}))
	require.NoError(t, err)
	plan, err := module.Plan(gone, State{Via: viaConfigMap, Source: there(nil), File: File{Holder: kept, Target: *ours()}})
	require.NoError(t, err, "nothing is to be changed")
	require.Empty(t, plan.Changes)
}

func TestANamespaceThatGoesTakesNoFile(t *testing.T) {
	module := New()
	want, err := module.Desired(read(t, map[string]any{"loki": map[string]any{"derived_fields": []any{map[string]any{"name": "TraceID", "matcher_regex": "(x)"}}}}))
	require.NoError(t, err)
	_, err = module.Plan(want, State{Via: viaConfigMap, Address: "http://loki", File: File{Going: fault.New(fault.Conflict, "wait", "namespace m is being deleted")}})
	require.EqualError(t, err, "namespace m is being deleted")
}

func there(settings map[string]any) *grafana.Source {
	return &grafana.Source{UID: "x", Name: "X", Type: "loki", URL: "http://loki", Access: "proxy", OrgID: 1, JSONData: settings}
}

func ours() *grafana.Holder {
	return &grafana.Holder{Kind: grafana.ConfigMap, Namespace: "m", Name: "grafana-datasource-x", Labels: map[string]string{"app.kubernetes.io/managed-by": "picluster.tracing"}}
}
