// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/kube"
)

const written = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tempo, namespace: tracing}
spec:
  minReadySeconds: 0
  selector: {matchLabels: {app: tempo}}
  template:
    spec:
      hostNetwork: false
      containers:
      - name: tempo
        args: []
        tty: false
        env: [{name: LEVEL, value: ""}]
        volumeMounts: [{name: data, mountPath: /data, readOnly: false}]
        livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 0}
      volumes: [{name: data, emptyDir: {medium: ""}}]
`

const asStored = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tempo, namespace: tracing}
spec:
  replicas: 1
  selector: {matchLabels: {app: tempo}}
  template:
    spec:
      containers:
      - {name: injected}
      - name: tempo
        env: [{name: LEVEL}, {name: OTHER, value: kept}]
        volumeMounts: [{name: data, mountPath: /data}]
        livenessProbe: {tcpSocket: {port: 80}}
      volumes: [{name: data, emptyDir: {}}]
`

// The API server stores no field that is written as unset. That is no drift, but
// what somebody has set in its place is.
func TestFieldsWrittenAsUnset(t *testing.T) {
	pod := "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: tempo}\n"
	tests := map[string]struct {
		reason, manifest, live string
		same                   bool
	}{
		"as stored":       {"nobody has changed anything", written, asStored, true},
		"another delay":   {"a number", "spec: {minReadySeconds: 0}", "spec: {minReadySeconds: 20}", false},
		"the network":     {"a boolean", "spec: {template: {spec: {hostNetwork: false}}}", "spec: {template: {spec: {hostNetwork: true}}}", false},
		"a variable":      {"a text, in a list", "spec: {template: {spec: {containers: [{name: a, env: [{name: A, value: ''}]}]}}}", "spec: {template: {spec: {containers: [{name: a, env: [{name: A, value: x}]}]}}}", false},
		"arguments":       {"an empty list", "spec: {template: {spec: {containers: [{name: a, args: []}]}}}", "spec: {template: {spec: {containers: [{name: a, args: [-x]}]}}}", false},
		"somebody's":      {"the items of others stay, as with Helm", "spec: {template: {spec: {containers: [{name: a, env: []}]}}}", "spec: {template: {spec: {containers: [{name: a, env: [{name: A}]}]}}}", true},
		"not mentioned":   {"only what the manifest sets counts", "spec: {}", "spec: {minReadySeconds: 20}", true},
		"an empty object": {"it says nothing about its fields", "spec: {template: {}}", "spec: {template: {spec: {hostNetwork: true}}}", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			manifest, live := test.manifest, test.live
			if manifest != written {
				manifest, live = pod+manifest, pod+live
			}
			patch, err := kube.ThreeWay(object(t, manifest), object(t, manifest), object(t, live))
			require.NoError(t, err)
			require.Equal(t, test.same, patch.Empty(), "%s: %+v", test.reason, patch)
		})
	}
}

// An opened NetworkPolicy is drift: an empty list of rules lets nothing in.
func TestAnEmptyListOfRules(t *testing.T) {
	closed := object(t, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: ''}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: []}}")
	opened := object(t, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: b}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}}")
	patch, err := kube.ThreeWay(closed, closed, opened)
	require.NoError(t, err)
	require.False(t, patch.Empty())
	opened.Object["spec"].(map[string]any)["ingress"] = nil
	patch, err = kube.ThreeWay(closed, closed, opened)
	require.NoError(t, err)
	require.True(t, patch.Empty(), "the namespace is no difference: %+v", patch)
}
