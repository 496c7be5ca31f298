// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// config is a ConfigMap with one value.
func config(t *testing.T, c cluster, name, value string) *unstructured.Unstructured {
	t.Helper()
	return c.manifest(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+"}, data: {key: '"+value+"'}}")
}

func value(t *testing.T, c cluster, name string) string {
	t.Helper()
	live, err := c.objects.Get(t.Context(), kube.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: c.namespace, Name: name})
	require.NoError(t, err)
	if live == nil {
		return ""
	}
	text, _, _ := unstructured.NestedString(live.Object, "data", "key")
	return text
}

func TestDryRunPersistsNothing(t *testing.T) {
	c := newCluster(t)
	c.apply(t, config(t, c, "tried", "other"), "other")
	wanted := config(t, c, "tried", "ours")
	_, err := c.objects.DryRunApply(t.Context(), wanted, kube.Applying{Manager: "ring"})
	requireFault(t, err, fault.Conflict, `conflict with "other"`)
	made, err := c.objects.DryRunApply(t.Context(), wanted, kube.Applying{Manager: "ring", Force: true})
	require.NoError(t, err)
	require.Equal(t, wanted.Object["data"], made.Object["data"], "what would be")
	require.Equal(t, "other", value(t, c, "tried"), "what is")
}

func TestApplyConflicts(t *testing.T) {
	cases := map[string]struct {
		reason string
		others []string // managers that applied the field before
		how    kube.Applying
		err    string
		want   string
	}{
		"nobody's":    {"there is no object yet", nil, kube.Applying{}, "", "ours"},
		"somebody's":  {"the error names owner and field", []string{"other"}, kube.Applying{}, `others own .data.key (conflict with "other"`, "other"},
		"forced":      {"the user forces it", []string{"other"}, kube.Applying{Force: true}, "", "ours"},
		"from":        {"a manager whose fields may be taken over", []string{"kubectl-edit"}, kube.Applying{From: []string{"kubectl-*"}}, "", "ours"},
		"from others": {"another one", []string{"helm"}, kube.Applying{From: []string{"kubectl-*"}}, `conflict with "helm"`, "helm"},
	}
	c := newCluster(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			object := strings.NewReplacer(" ", "-", "'", "").Replace(name)
			for _, other := range test.others {
				c.apply(t, config(t, c, object, other), other)
			}
			test.how.Manager = "ring"
			made, err := c.objects.Apply(t.Context(), config(t, c, object, "ours"), test.how)
			if test.err != "" {
				requireFault(t, err, fault.Conflict, test.err)
				require.Equal(t, "leave the field out, or take it over with force_conflicts: true", fault.HintOf(err))
				require.True(t, kube.Refused(err))
			} else {
				require.NoError(t, err)
				shown, _, _ := unstructured.NestedString(made.Object, "data", "key")
				require.Equal(t, "ours", shown, test.reason)
			}
			require.Equal(t, test.want, value(t, c, object), test.reason)
		})
	}
}

func TestApplyRefusals(t *testing.T) {
	c := newCluster(t)
	c.apply(t, c.manifest(t, manifests["StatefulSet"]), "ring")
	elsewhere := object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ring-that-is-absent}}")
	cases := map[string]struct {
		manifest *unstructured.Unstructured
		kind     fault.Kind
		text     string
		hint     string
	}{
		"no such kind":      {c.manifest(t, "{apiVersion: nothing.example/v1, kind: Nothing, metadata: {name: a}}"), fault.NotFound, "the API server has no such kind", "install what brings nothing.example/v1 Nothing"},
		"no such namespace": {elsewhere, fault.NotFound, `namespaces "ring-that-is-absent" not found`, "create the namespace first"},
		"no such field":     {c.manifest(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dat: {a: b}}"), fault.Rejected, ".dat: field not declared in schema", ""},
		"not allowed":       {c.manifest(t, "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 99999}]}}"), fault.Rejected, "must be between 1 and 65535", ""},
		"immutable": {c.manifest(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: fixed}, spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}, spec: {containers: [{name: a, image: a}]}}}}"),
			fault.Rejected, "field is immutable", "that field cannot change in place"},
	}
	c.apply(t, c.manifest(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: fixed}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a, b: c}}, spec: {containers: [{name: a, image: a}]}}}}"), "ring")
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.objects.Apply(t.Context(), test.manifest, kube.Applying{Manager: "ring", Force: true})
			requireFault(t, err, test.kind, test.text)
			require.Contains(t, fault.HintOf(err), test.hint)
			require.True(t, kube.Refused(err), "the API server decides")
		})
	}
	require.False(t, kube.Refused(errors.New("no route to host")))
	_, err := c.stranger(t).objects.Apply(t.Context(), config(t, c, "a", "b"), kube.Applying{Manager: "ring"})
	requireFault(t, err, fault.Denied, "apply ConfigMap "+c.namespace+"/a")
}

func TestObjectsThatAreAbsent(t *testing.T) {
	c := newCluster(t)
	for name, ref := range map[string]kube.Ref{
		"no object":    {APIVersion: "v1", Kind: "ConfigMap", Namespace: c.namespace, Name: "absent"},
		"no namespace": {APIVersion: "v1", Kind: "ConfigMap", Namespace: "ring-that-is-absent", Name: "absent"},
		"no kind":      {APIVersion: "v1", Kind: "Nothing", Namespace: c.namespace, Name: "absent"},
		"no group":     {APIVersion: "nothing.example/v1", Kind: "Nothing", Name: "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			live, err := c.objects.Get(t.Context(), ref)
			require.NoError(t, err)
			require.Nil(t, live)
			list, err := c.objects.List(t.Context(), ref, "")
			require.NoError(t, err)
			if name != "no object" {
				require.Empty(t, list)
			}
			require.NoError(t, c.objects.Delete(t.Context(), ref), "it is already gone")
			require.NoError(t, c.objects.Remove(t.Context(), ref, false), "it is already gone")
		})
	}
}

func TestListBySelector(t *testing.T) {
	c := newCluster(t)
	for _, name := range []string{"a", "b"} {
		manifest := config(t, c, name, "1")
		manifest.SetLabels(map[string]string{"is": name})
		c.apply(t, manifest, "ring")
	}
	of := kube.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: c.namespace}
	list, err := c.objects.List(t.Context(), of, "is=b")
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "b", list[0].GetName())
	_, err = c.stranger(t).objects.List(t.Context(), of, "")
	requireFault(t, err, fault.Denied, "list ConfigMap in namespace "+c.namespace)
	_, err = c.stranger(t).objects.Get(t.Context(), kube.RefOf(&list[0]))
	requireFault(t, err, fault.Denied, "read ConfigMap "+c.namespace+"/b")
}

func TestDeleteAndRemove(t *testing.T) {
	c := newCluster(t)
	for name, remove := range map[string]func(context.Context, kube.Ref) error{
		"deleted": c.objects.Delete,
		"removed": func(ctx context.Context, ref kube.Ref) error { return c.objects.Remove(ctx, ref, false) },
	} {
		live := c.apply(t, config(t, c, name, "1"), "ring")
		requireFault(t, c.stranger(t).objects.Delete(t.Context(), kube.RefOf(live)), fault.Denied, "delete ConfigMap "+c.namespace+"/"+name)
		requireFault(t, c.stranger(t).objects.Remove(t.Context(), kube.RefOf(live), false), fault.Denied, "delete ConfigMap "+c.namespace+"/"+name)
		require.NoError(t, remove(t.Context(), kube.RefOf(live)))
	}
	require.Empty(t, value(t, c, "removed"))
}

// The garbage collector orphans dependents before it removes their owner; there
// is none here, so the test does it.
func TestRemoveOrphansAndWaits(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	live := c.apply(t, c.manifest(t, manifests["StatefulSet"]), "ring")
	ref := kube.RefOf(live)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // enough for a busy server to answer twice
	defer cancel()
	err := c.objects.Remove(ctx, ref, true)
	requireFault(t, err, fault.Timeout, "StatefulSet "+c.namespace+"/tempo is being deleted")

	terminating, err := c.objects.Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, []string{"orphan"}, terminating.GetFinalizers())
	removed := make(chan error, 1)
	go func() { removed <- c.objects.Remove(t.Context(), ref, true) }()
	free := []byte(`{"metadata":{"finalizers":null}}`)
	_, err = c.Apps.StatefulSets(c.namespace).Patch(t.Context(), ref.Name, types.MergePatchType, free, meta.PatchOptions{})
	require.NoError(t, err)
	require.NoError(t, <-removed)
}
