// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/kube"
)

func TestReleaseOwner(t *testing.T) {
	c, _ := withHelmCharts(t)
	chart := func(name, target, annotation string) {
		manifest := c.manifest(t, "{apiVersion: helm.cattle.io/v1, kind: HelmChart, metadata: {name: "+name+"}, spec: {chart: tempo}}")
		if target != "" {
			manifest.Object["spec"].(map[string]any)["targetNamespace"] = target
		}
		if annotation != "" {
			manifest.SetAnnotations(map[string]string{annotation: ""})
		}
		c.apply(t, manifest, "k3s")
	}
	chart("here", "", "")
	chart("there", "tracing-"+c.namespace, "")
	chart("left", "", "helmcharts.helm.cattle.io/unmanaged")
	cases := map[string]struct {
		reason, namespace, release, want string
	}{
		"in its own namespace": {"without a target it is its own namespace", c.namespace, "here", "k3s' HelmChart " + c.namespace + "/here"},
		"in the target":        {"where the release goes", "tracing-" + c.namespace, "there", "k3s' HelmChart " + c.namespace + "/there"},
		"not in the chart's":   {"the release is elsewhere", c.namespace, "there", ""},
		"left alone":           {"the controller ignores it", c.namespace, "left", ""},
		"nobody":               {"there is no chart of that name", c.namespace, "tempo", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			owner, err := c.Reader().ReleaseOwner(t.Context(), test.namespace, test.release)
			require.NoError(t, err)
			require.Equal(t, test.want, owner.Name, test.reason)
		})
	}
	owner, err := c.stranger(t).ReleaseOwner(t.Context(), c.namespace, "here")
	require.NoError(t, err)
	require.False(t, owner.Foreign(), "without permission no owner is found")
}

// Argo CD is recognised by an object's managed fields.
func TestOwnersByManagedFields(t *testing.T) {
	c := newCluster(t)
	labels := map[string]string{kube.InstanceLabel: "tempo"}
	cases := map[string]struct {
		reason, manager, want string
	}{
		"Argo CD":         {"it applies under that name", "argocd-controller", "Argo CD's Application tempo"},
		"a chart":         {"the label alone says nothing", "helm", ""},
		"this collection": {"our own label", kube.Manager, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			manifest := config(t, c, test.manager, "1")
			manifest.SetLabels(labels)
			live := c.apply(t, manifest, test.manager)
			require.Equal(t, test.want, kube.OwnerOf(live).Name, test.reason)
			read, err := c.Reader().ConfigMap(t.Context(), c.namespace, test.manager)
			require.NoError(t, err)
			require.Equal(t, test.want, kube.OwnerOf(read).Name, "the typed client reads the same")
		})
	}
	all, err := c.Reader().ConfigMaps(t.Context(), c.namespace, "")
	require.NoError(t, err)
	require.Equal(t, "Argo CD's Application tempo", kube.FirstOwner(all).Name)
}

// A manager's applied fields are told apart from others'.
func TestFieldsOfSeveralManagers(t *testing.T) {
	c := newCluster(t)
	c.apply(t, c.manifest(t, manifests["Deployment"]), "helm")
	live := c.apply(t, c.manifest(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3, template: {spec: {containers: [{name: web, env: [{name: OURS, value: x}]}]}}}}"), "ring")
	require.Nil(t, kube.FieldsOf(live, "nobody"))
	require.Equal(t, map[string]any{"spec": map[string]any{"replicas": int64(3), "template": map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": "web", "env": []any{map[string]any{"name": "OURS", "value": "x"}}}}}}}}, kube.FieldsOf(live, "ring").Of(live))

	scaled, err := c.Apps.Deployments(c.namespace).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":5}}`), meta.PatchOptions{FieldManager: "somebody"})
	require.NoError(t, err)
	typed, err := kube.Unstructured(scaled, "apps/v1", "Deployment")
	require.NoError(t, err)
	require.NotContains(t, kube.FieldsOf(typed, "ring").Of(typed).(map[string]any)["spec"], "replicas", "another manager owns it now")
}
