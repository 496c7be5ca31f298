// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// An object read as JSON and a dry run of its manifest do not differ.
func TestNothingDiffersAfterASecondApply(t *testing.T) {
	c := newCluster(t)
	for name, text := range manifests {
		t.Run(name, func(t *testing.T) {
			manifest := c.manifest(t, text)
			live := c.apply(t, manifest, "helm")
			tried, err := c.objects.DryRunApply(t.Context(), manifest, kube.Applying{Manager: "helm"})
			require.NoError(t, err)
			require.Empty(t, kube.Differences(live, tried))
		})
	}
}

func TestDifferencesOfADryRun(t *testing.T) {
	c := newCluster(t)
	cases := map[string]struct {
		reason string
		change string
		want   map[string][2]any
	}{
		"a field": {"with both values", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {empty: '', text: new}}",
			map[string][2]any{"data.text": {"a\nb\n", "new"}}},
		"a field less": {"a field that is no longer applied is removed", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {empty: ''}}",
			map[string][2]any{"data.text": {"a\nb\n", nil}}},
		"a port": {"an item by its index", "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: dns, port: 5353, protocol: UDP}]}}",
			map[string][2]any{"spec.ports[1].port": {int64(53), int64(5353)}, "spec.ports[1].targetPort": {int64(53), int64(5353)}}},
		"a label": {"a label of the object itself", "{apiVersion: v1, kind: ConfigMap, metadata: {name: web, labels: {a: b}}, data: {empty: '', text: \"a\\nb\\n\"}}",
			map[string][2]any{"metadata.labels": {nil, map[string]any{"a": "b"}}}},
	}
	for _, kind := range []string{"ConfigMap", "Service"} {
		c.apply(t, c.manifest(t, manifests[kind]), "helm")
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			manifest := c.manifest(t, test.change)
			live, err := c.objects.Get(t.Context(), kube.RefOf(manifest))
			require.NoError(t, err)
			tried, err := c.objects.DryRunApply(t.Context(), manifest, kube.Applying{Manager: "helm"})
			require.NoError(t, err)
			require.Equal(t, test.want, kube.Differences(live, tried), test.reason)
		})
	}
}

// A Secret's changed values are listed but not shown.
func TestDifferencesHideSecrets(t *testing.T) {
	c := newCluster(t)
	live := c.apply(t, c.manifest(t, manifests["Secret"]), "helm")
	manifest := c.manifest(t, "{apiVersion: v1, kind: Secret, metadata: {name: web}, data: {password: aHVudGVyMw==}}")
	tried, err := c.objects.DryRunApply(t.Context(), manifest, kube.Applying{Manager: "helm"})
	require.NoError(t, err)
	found := kube.Differences(live, tried)
	require.Contains(t, found, "data.password")
	require.Len(t, found, 1)
	for _, side := range found["data.password"] {
		require.NotContains(t, []any{"aHVudGVyMg==", "aHVudGVyMw=="}, side)
	}
}

// DryRunRecreate checks as if no object had the name.
func TestDryRunRecreate(t *testing.T) {
	c := newCluster(t)
	service := c.manifest(t, manifests["Service"])
	c.apply(t, service, "helm")
	require.NoError(t, c.objects.DryRunRecreate(t.Context(), service, "helm"), "it exists, which does not matter")
	wrong := c.manifest(t, "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 99999}]}}")
	requireFault(t, c.objects.DryRunRecreate(t.Context(), wrong, "helm"), fault.Rejected, "check Service "+c.namespace+"/web")
	unknown := c.manifest(t, "{apiVersion: nothing.example/v1, kind: Nothing, metadata: {name: web}}")
	require.NoError(t, c.objects.DryRunRecreate(t.Context(), unknown, "helm"), "the chart may bring its kind")
}
