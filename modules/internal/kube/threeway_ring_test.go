// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// The kinds in charts of Tempo, Traefik and Linkerd, with values that the API
// server stores in another form.
var manifests = map[string]string{
	"Deployment": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        args: []
        env: [{name: A, value: "1"}, {name: B}]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        resources: {requests: {cpu: 1000m, memory: 1024Mi}}
        livenessProbe: {httpGet: {path: /, port: 80}}
      volumes: [{name: config, configMap: {name: web}}, {name: none, emptyDir: {}}]
`,
	"recreated Deployment": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: one, labels: {app: one}}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: one}}
  template: {metadata: {labels: {app: one}}, spec: {containers: [{name: one, image: one}]}}
`,
	"StatefulSet": claims,
	"Service": `
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: dns, port: 53, protocol: UDP}]}
`,
	"Service with fields written as unset": `
apiVersion: v1
kind: Service
metadata: {name: unset}
spec: {type: "", clusterIP: "", clusterIPs: [], externalName: "", sessionAffinity: "", selector: {app: web}, ports: [{port: 80, nodePort: 0}]}
`,
	"Ingress": `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {ingressClassName: null, tls: [], defaultBackend: {service: {name: web, port: {number: 80}}}}
`,
	"ConfigMap": "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {empty: '', text: \"a\\nb\\n\"}}",
	"Secret":    "{apiVersion: v1, kind: Secret, metadata: {name: web}, data: {password: aHVudGVyMg==}}",
	"NetworkPolicy": `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}], policyTypes: [Ingress]}
`,
	"PodDisruptionBudget": `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
`,
	"HorizontalPodAutoscaler": `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
`,
}

// filledIn are the manifests where the API server fills in items of a list without
// keys, or that have a field which a patch replaces as a whole: only a dry run shows
// that the patch changes nothing.
var filledIn = []string{"StatefulSet", "Service", "Service with fields written as unset", "NetworkPolicy"}

// What the API server fills in, or stores in its own form, is no drift.
func TestAppliedManifestHasNoDrift(t *testing.T) {
	c := newCluster(t)
	for name, text := range manifests {
		t.Run(name, func(t *testing.T) {
			manifest := c.manifest(t, text)
			c.apply(t, manifest, "helm")
			live, err := c.objects.Get(t.Context(), kube.RefOf(manifest))
			require.NoError(t, err)
			patch, err := kube.ThreeWay(manifest, manifest, live)
			require.NoError(t, err)
			require.Equal(t, !slices.Contains(filledIn, name), patch.Empty(), "%+v", patch)
			if patch.Empty() {
				return
			}
			would, err := c.objects.Patch(t.Context(), patch, "helm", true)
			require.NoError(t, err)
			require.Empty(t, kube.Differences(live, would))
		})
	}
}

// changed is the manifest of Deployment web with a field set, or removed if nil.
func changed(t *testing.T, c cluster, path []string, value any) *unstructured.Unstructured {
	t.Helper()
	manifest := c.manifest(t, manifests["Deployment"])
	if value == nil {
		unstructured.RemoveNestedField(manifest.Object, path...)
		return manifest
	}
	require.NoError(t, unstructured.SetNestedField(manifest.Object, value, path...))
	return manifest
}

// As Helm upgrades: what the manifest has is set, what only the previous one
// had is removed, and what others have set stays.
func TestThreeWayPatch(t *testing.T) {
	c := newCluster(t)
	before := changed(t, c, []string{"metadata", "annotations"}, map[string]any{"old": "1", "kept": "1"})
	c.apply(t, before, "helm")
	foreign := c.manifest(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: {foreign: '1'}}, spec: {replicas: 4}}")
	live := c.apply(t, foreign, "somebody")
	manifest := changed(t, c, []string{"metadata", "annotations"}, map[string]any{"kept": "2"})

	patch, err := kube.ThreeWay(before, manifest, live)
	require.NoError(t, err)
	require.False(t, patch.Empty())
	require.Equal(t, "Deployment "+c.namespace+"/web", patch.Ref.String())

	tried, err := c.objects.Patch(t.Context(), patch, "helm", true)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"kept": "2", "foreign": "1"}, tried.GetAnnotations(), "the dry run's answer")
	kept, err := c.objects.Get(t.Context(), patch.Ref)
	require.NoError(t, err)
	require.Equal(t, live.GetResourceVersion(), kept.GetResourceVersion(), "a dry run persists nothing")

	made, err := c.objects.Patch(t.Context(), patch, "helm", false)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"kept": "2", "foreign": "1"}, made.GetAnnotations())
	replicas, _, err := unstructured.NestedInt64(made.Object, "spec", "replicas")
	require.NoError(t, err)
	require.Equal(t, int64(4), replicas, "the manifest does not mention it")
}

// A field of the manifest that somebody has changed is reset, a list item by
// its key.
func TestThreeWayCorrectsDrift(t *testing.T) {
	c := newCluster(t)
	manifest := c.manifest(t, manifests["Deployment"])
	c.apply(t, manifest, "helm")
	drifted := manifest.DeepCopy()
	containers, _, err := unstructured.NestedSlice(drifted.Object, "spec", "template", "spec", "containers")
	require.NoError(t, err)
	containers[0].(map[string]any)["image"] = "web:2"
	containers = append(containers, map[string]any{"name": "sidecar", "image": "sidecar"})
	require.NoError(t, unstructured.SetNestedSlice(drifted.Object, containers, "spec", "template", "spec", "containers"))
	live, err := c.objects.Apply(t.Context(), drifted, kube.Applying{Manager: "somebody", Force: true})
	require.NoError(t, err)

	patch, err := kube.ThreeWay(manifest, manifest, live)
	require.NoError(t, err)
	made, err := c.objects.Patch(t.Context(), patch, "helm", false)
	require.NoError(t, err)
	found := map[string][2]any{}
	for path, sides := range kube.Differences(live, made) {
		found[path] = sides
	}
	require.Equal(t, map[string][2]any{"spec.template.spec.containers[0].image": {"web:2", "web:1"}}, found, "the sidecar is kept")
}

const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.ring.example}
spec:
  group: ring.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

// A custom resource is patched as JSON: lists are replaced as a whole.
func TestThreeWayOfACustomResource(t *testing.T) {
	c := newCluster(t)
	c.define(t, widgets, "ring.example/v1", "Widget")
	before := c.manifest(t, "{apiVersion: ring.example/v1, kind: Widget, metadata: {name: a}, spec: {size: 1, old: true, parts: [a, b]}}")
	live := c.apply(t, before, "helm")
	same, err := kube.ThreeWay(before, before, live)
	require.NoError(t, err)
	require.True(t, same.Empty())

	manifest := c.manifest(t, "{apiVersion: ring.example/v1, kind: Widget, metadata: {name: a}, spec: {size: 2, parts: [b]}}")
	patch, err := kube.ThreeWay(before, manifest, live)
	require.NoError(t, err)
	made, err := c.objects.Patch(t.Context(), patch, "helm", false)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"size": int64(2), "parts": []any{"b"}}, made.Object["spec"])
	require.Equal(t, map[string][2]any{"spec.size": {int64(1), int64(2)}, "spec.old": {true, nil}, "spec.parts": {[]any{"a", "b"}, []any{"b"}}},
		kube.Differences(live, made))
}

func TestUnusablePatch(t *testing.T) {
	c := newCluster(t)
	gone := c.manifest(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}, data: {a: b}}")
	patch, err := kube.ThreeWay(gone, gone, c.manifest(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}"))
	require.NoError(t, err)
	_, err = c.objects.Patch(t.Context(), patch, "helm", false)
	requireFault(t, err, fault.NotFound, "patch ConfigMap "+c.namespace+"/gone")

	patch.Ref.Kind = "Nothing"
	_, err = c.objects.Patch(t.Context(), patch, "helm", false)
	requireFault(t, err, fault.NotFound, "the API server has no such kind")

	wrong := c.manifest(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: many}}")
	_, err = kube.ThreeWay(wrong, wrong, wrong)
	requireFault(t, err, fault.Rejected, "it does not match its kind")
	_, err = kube.ThreeWay(wrong, changed(t, c, []string{"spec", "replicas"}, int64(1)), wrong)
	require.ErrorContains(t, err, "compare Deployment "+c.namespace+"/web with the manifest")
}
