// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	if text == "" {
		return nil
	}
	var fields map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &fields))
	return &unstructured.Unstructured{Object: plain(fields)}
}

// had is a ConfigMap as the API server returns it, with a field of ours and one
// of somebody else's.
func had(ours string) string {
	return `
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
  namespace: shop
  resourceVersion: "7"
  managedFields:
  - {manager: us, operation: Apply, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:ours": {}}}}
  - {manager: them, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:theirs": {}}}}
data: {ours: ` + ours + `, theirs: x}
`
}

const foreignOnly = `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop, managedFields: [{manager: them, operation: Update, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:ours": {}}}}]}, data: {ours: a}}`

// nameAlone is a manifest that owns nothing of what it makes; the API server's own
// controllers write a status.
const (
	nameAlone = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, namespace: shop}\n"
	nobodys   = `{apiVersion: v1, kind: ServiceAccount, metadata: {name: s, namespace: shop, uid: u, managedFields: [{manager: c, operation: Update, subresource: status, fieldsType: FieldsV1, fieldsV1: {"f:status": {}}}]}}`
	theirs    = `{apiVersion: v1, kind: ServiceAccount, metadata: {name: s, namespace: shop, managedFields: [{manager: them, operation: Update, fieldsType: FieldsV1, fieldsV1: {"f:metadata": {}}}]}}`
)

func state(t *testing.T, live, proposal, manifest string) Status {
	t.Helper()
	one := Object{Live: object(t, live), Proposal: object(t, proposal), Manifest: object(t, manifest)}
	one.Ref = kube.RefOf(one.Manifest)
	return Status{Objects: []Object{one}}
}

func terminating(have Status) Status {
	have.Objects[0].Terminating = true
	return have
}

// change is a change to the spec of a task.
type change func(*Spec)

func absent(spec *Spec)  { spec.State = "absent" }
func forced(spec *Spec)  { spec.ForceConflicts = true }
func waiting(spec *Spec) { spec.Wait = true }

func spec(manager string, changes ...change) Spec {
	spec := Spec{Args: Args{FieldManager: manager}}
	for _, set := range changes {
		set(&spec)
	}
	return spec
}

func planned(spec Spec, status Status) (plan.Plan, error) { return (&client{}).Plan(spec, status) }

const manifestText = `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {ours: b}}`

func TestPlan(t *testing.T) {
	kept, removed := spec("us"), spec("us", absent)
	cases := map[string]struct {
		reason string
		spec   Spec
		status Status
		want   []string
		warns  []string
		diff   map[string]any
	}{
		"create": {"it does not exist", kept, state(t, "", "", manifestText), []string{"create ConfigMap/shop/c"}, nil,
			map[string]any{"before": "", "after": "ConfigMap/shop/c:\n  data:\n    ours: b\n  metadata:\n    name: c\n    namespace: shop\n"}},
		"nothing": {"the dry run changes none of our fields", kept, state(t, had("b"), had("b"), manifestText), []string{}, nil,
			map[string]any{"before": "", "after": ""}},
		"update": {"only our fields are shown", kept, state(t, had("a"), had("b"), manifestText), []string{"update ConfigMap/shop/c"}, nil,
			map[string]any{"before": "ConfigMap/shop/c:\n  data:\n    ours: a\n", "after": "ConfigMap/shop/c:\n  data:\n    ours: b\n"}},
		"taken over": {"the value is right but owned by another manager", kept, state(t, foreignOnly, had("a"), manifestText), []string{"update ConfigMap/shop/c"}, nil,
			map[string]any{"before": "ConfigMap/shop/c:\n  owned by us: null\n", "after": "ConfigMap/shop/c:\n  owned by us:\n    data:\n      ours: a\n"}},
		"remove": {"we applied it", removed, state(t, had("b"), "", manifestText), []string{"delete ConfigMap/shop/c"}, nil,
			map[string]any{"before": "ConfigMap/shop/c: present\n", "after": ""}},
		"foreign stays": {"somebody else created it", removed, state(t, foreignOnly, "", manifestText), []string{},
			[]string{"ConfigMap shop/c stays: us has not applied it; force_conflicts: true removes it anyway"},
			map[string]any{"before": "", "after": ""}},
		"foreign is forced": {"the task insists", spec("us", absent, forced), state(t, foreignOnly, "", manifestText), []string{"delete ConfigMap/shop/c"}, nil,
			map[string]any{"before": "ConfigMap/shop/c: present\n", "after": ""}},
		"a name alone": {"the API server keeps no entry for a manager without fields", removed, state(t, nobodys, "", nameAlone), []string{"delete ServiceAccount/shop/s"}, nil,
			map[string]any{"before": "ServiceAccount/shop/s: present\n", "after": ""}},
		"a name alone of others": {"somebody owns a field", removed, state(t, theirs, "", nameAlone), []string{},
			[]string{"ServiceAccount shop/s stays: us has not applied it; force_conflicts: true removes it anyway"}, map[string]any{"before": "", "after": ""}},
		"more than a name": {"its fields would be ours", removed, state(t, nobodys, "", nameAlone+"secrets: [{name: x}]"), []string{},
			[]string{"ServiceAccount shop/s stays: us has not applied it; force_conflicts: true removes it anyway"}, map[string]any{"before": "", "after": ""}},
		"gone already": {"nothing to remove", removed, state(t, "", "", manifestText), []string{}, nil, map[string]any{"before": "", "after": ""}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := planned(test.spec, test.status)
			require.NoError(t, err)
			require.Equal(t, test.want, got.Paths(), test.reason)
			require.Equal(t, test.warns, got.Warnings, test.reason)
			require.Equal(t, test.diff, got.Diff(), test.reason)
		})
	}
}

// What a GitOps tool manages is left to it, unless the task insists.
func TestPlanKeepsAForeignObject(t *testing.T) {
	marked := func(ours string) string {
		return strings.Replace(had(ours), "  namespace: shop\n", "  namespace: shop\n  labels: {argocd.argoproj.io/instance: shop}\n", 1)
	}
	change := state(t, marked("a"), marked("b"), manifestText)
	refused := state(t, marked("a"), "", manifestText)
	refused.Objects[0].Refusal = fault.New(fault.Conflict, "take it over", "others own .data.ours")
	for name, have := range map[string]Status{"changed": change, "refused by the API server": refused} {
		t.Run(name, func(t *testing.T) {
			_, err := planned(spec("us"), have)
			require.EqualError(t, err, "ConfigMap shop/c belongs to Argo CD's Application shop, which would undo the change")
			require.Equal(t, "put the manifest into the Git repository of that Application, or set force_conflicts: true to change it anyway", fault.HintOf(err))
		})
	}
	got, err := planned(spec("us"), state(t, marked("b"), marked("b"), manifestText))
	require.NoError(t, err, "there is nothing to change")
	require.Empty(t, got.Changes)
	got, err = planned(spec("us", forced), change)
	require.NoError(t, err)
	require.Equal(t, []string{"ConfigMap shop/c belongs to Argo CD's Application shop, which may undo the change"}, got.Warnings)
	got, err = planned(spec("us", absent), change)
	require.NoError(t, err)
	require.Equal(t, []string{"ConfigMap shop/c stays: it belongs to Argo CD's Application shop, which would recreate it; force_conflicts: true removes it anyway"}, got.Warnings)
	require.Empty(t, got.Changes)
}

func TestPlanHidesASecretThatChangesOnlyItsOwner(t *testing.T) {
	secret := func(manager string) string {
		return `{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop, managedFields: [{manager: ` + manager + `, operation: Apply, fieldsType: FieldsV1, fieldsV1: {"f:data": {"f:key": {}}}}]}, data: {key: aHVudGVyMg==}}`
	}
	got, err := planned(spec("us"), state(t, secret("them"), secret("us"), secret("us")))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"before": "Secret/shop/s:\n  owned by us: null\n", "after": "Secret/shop/s:\n  owned by us:\n    data:\n      key: '*** (after)'\n"}, got.Diff())
}

func TestPlanKeepsANamespaceWithForeignObjects(t *testing.T) {
	namespace := `{apiVersion: v1, kind: Namespace, metadata: {name: shop, managedFields: [{manager: us, operation: Apply, fieldsType: FieldsV1, fieldsV1: {"f:metadata": {}}}]}}`
	have := state(t, namespace, "", namespace)
	have.Foreign = map[string][]string{"shop": {"Secret theirs"}}
	got, err := planned(spec("us", absent), have)
	require.NoError(t, err)
	require.Empty(t, got.Changes)
	require.Equal(t, []string{"Namespace shop stays: it holds objects of others: Secret theirs"}, got.Warnings)
}

func TestPlanReportsEveryRefusalBeforeApplying(t *testing.T) {
	have := Status{Objects: []Object{
		{Ref: kube.Ref{Kind: "A", Name: "a"}, Refusal: fault.New(fault.Conflict, "leave it", "apply A a: taken")},
		{Ref: kube.Ref{Kind: "B", Name: "b"}, Manifest: object(t, manifestText)},
		{Ref: kube.Ref{Kind: "C", Name: "c"}, Refusal: fault.New(fault.Rejected, "", "apply C c: no such field")},
	}}
	_, err := planned(spec("us"), have)
	require.EqualError(t, err, "apply A a: taken; apply C c: no such field")
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, "leave it", fault.HintOf(err))
}

func TestPlanAwaits(t *testing.T) {
	deployment := func(available string) string {
		return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop, generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: ` + available + `}}`
	}
	const paused = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop}, spec: {paused: true}}`
	const partitioned = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: d, namespace: shop}, spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}}, status: {replicas: 2, readyReplicas: 2, updatedReplicas: 1}}`
	cases := map[string]struct {
		reason string
		spec   Spec
		status Status
		want   []string
	}{
		"held by its manifest":     {"its manifest says that it is paused", spec("", waiting), state(t, paused, paused, paused), nil},
		"held by others":           {"the wait reports it", spec("", waiting), state(t, paused, paused, deployment("1")), []string{"await readiness"}},
		"a partition":              {"it stops there by itself", spec("", waiting), state(t, partitioned, partitioned, partitioned), nil},
		"after a change":           {"a changed object must become ready", spec("", waiting), state(t, "", "", manifestText), []string{"create ConfigMap/shop/c", "await readiness"}},
		"nothing to wait for":      {"an unchanged run makes no further request", spec("", waiting), state(t, deployment("1"), deployment("1"), deployment("1")), nil},
		"still on its way":         {"an earlier run did not wait", spec("", waiting), state(t, deployment("0"), deployment("0"), deployment("0")), []string{"await readiness"}},
		"not asked to":             {"wait: false", spec(""), state(t, deployment("0"), deployment("0"), deployment("0")), nil},
		"terminating":              {"an earlier run did not wait", spec("", waiting, absent), terminating(state(t, had("a"), "", manifestText)), []string{"await removal"}},
		"terminating, not awaited": {"it is deleted only once", spec("", absent), terminating(state(t, had("a"), "", manifestText)), nil},
		"terminating, but wanted":  {"whatever is written to it would be deleted, too", spec(""), terminating(state(t, had("a"), "", manifestText)), []string{"await removal of ConfigMap/shop/c", "create ConfigMap/shop/c"}},
		"removal":                  {"until it is gone", spec("", waiting, absent, forced), state(t, had("a"), "", manifestText), []string{"delete ConfigMap/shop/c", "await removal"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := planned(test.spec, test.status)
			require.NoError(t, err)
			var verbs []string
			for _, change := range got.Changes {
				verbs = append(verbs, change.String())
			}
			require.Equal(t, test.want, verbs, test.reason)
		})
	}
}

func TestPlanPrunes(t *testing.T) {
	have := state(t, had("b"), had("b"), manifestText)
	have.Prunable = []kube.Ref{{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "old"}}
	got, err := planned(spec("us"), have)
	require.NoError(t, err)
	require.Equal(t, []string{"delete Service/shop/old"}, got.Paths())
	require.Equal(t, plan.Delete, got.Changes[0].Verb)
}
