// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// withHelmCharts is a cluster with k3s' kinds.
func withHelmCharts(t *testing.T) (cluster, kube.HelmCharts) {
	t.Helper()
	c := newCluster(t)
	for kind, definition := range testkit.HelmKinds {
		c.define(t, definition, "helm.cattle.io/v1", kind)
	}
	charts, err := c.HelmCharts()
	require.NoError(t, err)
	return c, charts
}

func TestHelmCharts(t *testing.T) {
	c, charts := withHelmCharts(t)
	c.apply(t, c.manifest(t, `
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: ring}
spec: {chart: traefik, version: 39.0.7, targetNamespace: web, set: {a: 1, b: x}, valuesContent: "a: b"}
`), "k3s")
	find := func() kube.HelmChart {
		all, err := charts.List(t.Context())
		require.NoError(t, err)
		for _, chart := range all {
			if chart.Namespace == c.namespace {
				return chart
			}
		}
		t.Fatal("it is not in the list")
		return kube.HelmChart{}
	}
	found := find()
	require.Equal(t, "39.0.7", found.Spec.Version)
	require.Equal(t, "a: b", found.Spec.ValuesContent)
	one, x := found.Spec.Set["a"], found.Spec.Set["b"]
	require.Equal(t, []string{"1", "x"}, []string{one.String(), x.String()})

	require.NoError(t, charts.AnnotateChart(t.Context(), c.namespace, "ring", "ring.example/again", "1"))
	require.Equal(t, "1", find().Annotations["ring.example/again"])
	err := charts.AnnotateChart(t.Context(), c.namespace, "absent", "a", "b")
	requireFault(t, err, fault.NotFound, "annotate HelmChart "+c.namespace+"/absent")
}

func TestHelmChartConfigs(t *testing.T) {
	c, charts := withHelmCharts(t)
	none, err := charts.Config(t.Context(), c.namespace, "traefik")
	require.NoError(t, err)
	require.Nil(t, none)

	made := map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "b"}}, "spec": map[string]any{"valuesContent": "a: 1"}}
	require.NoError(t, charts.CreateConfig(t.Context(), c.namespace, "traefik", made))
	first, err := charts.Config(t.Context(), c.namespace, "traefik")
	require.NoError(t, err)
	require.Equal(t, "a: 1", first.Spec.ValuesContent)
	require.Equal(t, map[string]string{"a": "b"}, first.Labels)
	requireFault(t, charts.CreateConfig(t.Context(), c.namespace, "traefik", made), fault.Conflict, "create HelmChartConfig "+c.namespace+"/traefik")

	patch := func(version, values string) map[string]any {
		return map[string]any{"metadata": map[string]any{"resourceVersion": version}, "spec": map[string]any{"valuesContent": values}}
	}
	require.NoError(t, charts.PatchConfig(t.Context(), c.namespace, "traefik", patch(first.ResourceVersion, "a: 2")))
	err = charts.PatchConfig(t.Context(), c.namespace, "traefik", patch(first.ResourceVersion, "a: 3"))
	requireFault(t, err, fault.Conflict, "update HelmChartConfig "+c.namespace+"/traefik")
	second, err := charts.Config(t.Context(), c.namespace, "traefik")
	require.NoError(t, err)
	require.Equal(t, "a: 2", second.Spec.ValuesContent, "the faster writer wins")
	require.Equal(t, "picluster.tracing", second.ManagedFields[len(second.ManagedFields)-1].Manager)

	err = charts.DeleteConfig(t.Context(), c.namespace, "traefik", first.ResourceVersion)
	requireFault(t, err, fault.Conflict, "delete HelmChartConfig "+c.namespace+"/traefik")
	require.NoError(t, charts.DeleteConfig(t.Context(), c.namespace, "traefik", second.ResourceVersion))
	none, err = charts.Config(t.Context(), c.namespace, "traefik")
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestHelmChartsWithoutPermission(t *testing.T) {
	c, _ := withHelmCharts(t)
	charts, err := c.stranger(t).HelmCharts()
	require.NoError(t, err)
	_, err = charts.List(t.Context())
	requireFault(t, err, fault.Denied, "forbidden: this user may not list helmcharts.helm.cattle.io in all namespaces")
	_, err = charts.Config(t.Context(), c.namespace, "traefik")
	requireFault(t, err, fault.Denied, "forbidden: this user may not get helmchartconfigs.helm.cattle.io in namespace "+c.namespace)
	require.Contains(t, fault.HintOf(err), "in a Role in namespace "+c.namespace)
	err = charts.CreateConfig(t.Context(), c.namespace, "traefik", nil)
	requireFault(t, err, fault.Denied, "this user may not create helmchartconfigs.helm.cattle.io")
}

func TestFailurePolicies(t *testing.T) {
	c, charts := withHelmCharts(t)
	policies, known := charts.FailurePolicies(t.Context())
	require.True(t, known)
	require.Equal(t, []string{"reinstall", "abort"}, policies)
	theirs, err := c.stranger(t).HelmCharts()
	require.NoError(t, err)
	_, known = theirs.FailurePolicies(t.Context())
	require.False(t, known, "this user may not read it")
}

const addons = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: addons.k3s.cattle.io}
spec:
  group: k3s.cattle.io
  scope: Namespaced
  names: {plural: addons, singular: addon, kind: Addon}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

func TestAddonSource(t *testing.T) {
	c, charts := withHelmCharts(t)
	c.define(t, addons, "k3s.cattle.io/v1", "Addon")
	const file = "/var/lib/rancher/k3s/server/manifests/traefik.yaml"
	c.apply(t, object(t, "{apiVersion: k3s.cattle.io/v1, kind: Addon, metadata: {name: ring, namespace: kube-system}, spec: {source: "+file+"}}"), "k3s")
	source, err := charts.AddonSource(t.Context(), "ring")
	require.NoError(t, err)
	require.Equal(t, file, source)
	source, err = charts.AddonSource(t.Context(), "absent")
	require.NoError(t, err)
	require.Empty(t, source)
}
