// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// one reads a single object's name, "" if there is none.
func one[T any, P interface {
	*T
	meta.Object
}](read func(context.Context, string, string) (*T, error), namespace string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, name string) (string, error) {
		found, err := read(ctx, namespace, name)
		if err != nil || found == nil {
			return "", err
		}
		return P(found).GetName(), nil
	}
}

// many reads the names in a list.
func many[T any, P interface {
	*T
	meta.Object
}](read func(context.Context, string, string) ([]T, error), namespace string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, selector string) ([]string, error) {
		found, err := read(ctx, namespace, selector)
		names := []string{}
		for i := range found {
			names = append(names, P(&found[i]).GetName())
		}
		return names, err
	}
}

// labelled applies a manifest that the lists below find.
func labelled(t *testing.T, c cluster, text string) {
	t.Helper()
	manifest := c.manifest(t, text)
	manifest.SetName("web")
	manifest.SetLabels(map[string]string{"ring": "yes"})
	c.apply(t, manifest, "ring")
}

func furnished(t *testing.T) cluster {
	t.Helper()
	c := newCluster(t)
	for _, kind := range []string{"ConfigMap", "Secret", "Service", "Deployment", "StatefulSet"} {
		labelled(t, c, manifests[kind])
	}
	labelled(t, c, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}")
	labelled(t, c, "{apiVersion: apps/v1, kind: DaemonSet, metadata: {}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}}")
	c.account(t)
	labelled(t, c, "{apiVersion: v1, kind: Pod, metadata: {}, spec: {containers: [{name: a, image: a}]}}")
	return c
}

// account creates the ServiceAccount of pods, as a controller would.
func (c cluster) account(t *testing.T) {
	t.Helper()
	_, err := c.Core.ServiceAccounts(c.namespace).Create(t.Context(), &core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "default"}}, meta.CreateOptions{})
	require.NoError(t, err)
}

func TestReadersOfOneObject(t *testing.T) {
	c := furnished(t)
	reads := func(r kube.Reader) map[string]func(context.Context, string) (string, error) {
		return map[string]func(context.Context, string) (string, error){
			"ConfigMap":  one(r.ConfigMap, c.namespace),
			"Secret":     one(r.Secret, c.namespace),
			"Service":    one(r.Service, c.namespace),
			"Deployment": one(r.Deployment, c.namespace),
		}
	}
	denied := reads(c.stranger(t).Reader())
	for kind, read := range reads(c.Reader()) {
		t.Run(kind, func(t *testing.T) {
			name, err := read(t.Context(), "web")
			require.NoError(t, err)
			require.Equal(t, "web", name)
			name, err = read(t.Context(), "absent")
			require.NoError(t, err, "a missing object is not an error")
			require.Empty(t, name)
			_, err = denied[kind](t.Context(), "web")
			requireFault(t, err, fault.Denied, "read "+kind+" "+c.namespace+"/web")
		})
	}
}

func TestReadersOfLists(t *testing.T) {
	c := furnished(t)
	reads := func(r kube.Reader) map[string]func(context.Context, string) ([]string, error) {
		return map[string]func(context.Context, string) ([]string, error){
			"ConfigMaps":             many(r.ConfigMaps, c.namespace),
			"Secrets":                many(r.Secrets, c.namespace),
			"Services":               many(r.Services, c.namespace),
			"Deployments":            many(r.Deployments, c.namespace),
			"DaemonSets":             many(r.DaemonSets, c.namespace),
			"PersistentVolumeClaims": many(r.Claims, c.namespace),
			"pods":                   many(r.Pods, c.namespace),
		}
	}
	denied := reads(c.stranger(t).Reader())
	for kinds, read := range reads(c.Reader()) {
		t.Run(kinds, func(t *testing.T) {
			names, err := read(t.Context(), "ring=yes")
			require.NoError(t, err)
			require.Equal(t, []string{"web"}, names)
			names, err = read(t.Context(), "ring=no")
			require.NoError(t, err)
			require.Empty(t, names)
			_, err = denied[kinds](t.Context(), "")
			requireFault(t, err, fault.Denied, "list the "+kinds+" in namespace "+c.namespace)
		})
	}
	_, err := c.stranger(t).Reader().Services(t.Context(), "", "")
	requireFault(t, err, fault.Denied, "list the Services of all namespaces")
}

func TestReadersOfTheCluster(t *testing.T) {
	c := newCluster(t)
	namespace, err := c.Reader().Namespace(t.Context(), c.namespace)
	require.NoError(t, err)
	require.Equal(t, c.namespace, namespace.Name)
	namespace, err = c.Reader().Namespace(t.Context(), "ring-that-is-absent")
	require.NoError(t, err)
	require.Nil(t, namespace)
	_, err = c.stranger(t).Reader().Namespace(t.Context(), c.namespace)
	requireFault(t, err, fault.Denied, "read Namespace "+c.namespace)

	node := &core.Node{ObjectMeta: meta.ObjectMeta{GenerateName: "ring-"}}
	node, err = c.Core.Nodes().Create(t.Context(), node, meta.CreateOptions{})
	require.NoError(t, err)
	nodes, err := c.Reader().Nodes(t.Context())
	require.NoError(t, err)
	names := []string{}
	for _, found := range nodes {
		names = append(names, found.Name)
	}
	require.Contains(t, names, node.Name)
	_, err = c.stranger(t).Reader().Nodes(t.Context())
	requireFault(t, err, fault.Denied, "list the nodes of all namespaces")
}

func TestReadersOfWorkloads(t *testing.T) {
	c := furnished(t)
	deployments, sets, err := c.Reader().WorkloadObjects(t.Context(), c.namespace, "ring=yes")
	require.NoError(t, err)
	require.Len(t, deployments, 1)
	require.Len(t, sets, 1)
	_, _, err = c.stranger(t).Reader().WorkloadObjects(t.Context(), c.namespace, "")
	requireFault(t, err, fault.Denied, "list Deployments in "+c.namespace)
	stream, err := c.Reader().Log(t.Context(), c.namespace, "web", &core.PodLogOptions{})
	require.NoError(t, err, "a pod without a node has written nothing")
	require.NoError(t, stream.Close())
	_, err = c.Reader().Log(t.Context(), c.namespace, "absent", &core.PodLogOptions{})
	requireFault(t, err, fault.NotFound, "read the log of pod "+c.namespace+"/absent")

	releases := kube.ByRelease([]core.Service{
		{ObjectMeta: meta.ObjectMeta{Namespace: "a", Name: "x", Labels: map[string]string{kube.InstanceLabel: "tempo"}}},
		{ObjectMeta: meta.ObjectMeta{Namespace: "a", Name: "y", Labels: map[string]string{kube.InstanceLabel: "tempo"}}},
		{ObjectMeta: meta.ObjectMeta{Namespace: "b", Name: "z"}},
	})
	require.Len(t, releases["a/tempo"], 2)
	require.Len(t, releases["b/"], 1)
}

// There is no controller here that empties a namespace, so a deleted one stays
// terminating.
func TestTerminatingNamespace(t *testing.T) {
	c := newCluster(t)
	require.NoError(t, c.Reader().Gone(t.Context(), c.namespace))
	require.NoError(t, c.Gone(t.Context(), "ring-that-is-absent"))
	require.NoError(t, c.Core.Namespaces().Delete(t.Context(), c.namespace, meta.DeleteOptions{}))
	hint := "wait until it is gone and run again; where it never goes, look at what holds it (finalizers): kubectl get namespace " + c.namespace + " -o yaml"

	err := c.Reader().Gone(t.Context(), c.namespace)
	requireFault(t, err, fault.Conflict, "namespace "+c.namespace+" is being deleted")
	require.Equal(t, hint, fault.HintOf(err))
	require.NoError(t, c.stranger(t).Gone(t.Context(), c.namespace), "without permission the next request reports it")

	_, err = c.objects.Apply(t.Context(), config(t, c, "late", "1"), kube.Applying{Manager: "ring"})
	requireFault(t, err, fault.Conflict, "apply ConfigMap "+c.namespace+"/late: namespace "+c.namespace+" is being deleted")
	require.Equal(t, hint, fault.HintOf(err))
	_, _, err = c.Hold(t.Context(), c.namespace, "a")
	requireFault(t, err, fault.Conflict, "take lease a: namespace "+c.namespace+" is being deleted")

	live, err := c.Core.Namespaces().Get(t.Context(), c.namespace, meta.GetOptions{})
	require.NoError(t, err)
	live.Status.Conditions = []core.NamespaceCondition{
		{Type: core.NamespaceFinalizersRemaining, Status: core.ConditionTrue, Message: "some content has finalizers: ring.example/a"},
		{Type: core.NamespaceDeletionContentFailure, Status: core.ConditionFalse, Message: "all content was deleted"},
	}
	_, err = c.Core.Namespaces().UpdateStatus(t.Context(), live, meta.UpdateOptions{})
	require.NoError(t, err)
	require.EqualError(t, c.Gone(t.Context(), c.namespace), "namespace "+c.namespace+" is being deleted: some content has finalizers: ring.example/a")
}
