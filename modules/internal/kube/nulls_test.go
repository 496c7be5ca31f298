// SPDX-License-Identifier: AGPL-3.0-or-later

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/kube"
)

func TestDropNulls(t *testing.T) {
	const head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n"
	tests := map[string]struct{ reason, manifest, want string }{
		"a field":   {"its class is chosen on creation", head + "spec: {ingressClassName: null, tls: [{hosts: null, secretName: a}]}", head + "spec: {tls: [{secretName: a}]}"},
		"in a list": {"an item's field too", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, args: null}]}}", "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}}"},
		"metadata":  {"such as kubectl prints", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, creationTimestamp: null, labels: null}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"},
		"a claim": {"nested deeply", "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {storageClassName: null}}]}}",
			"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {volumeClaimTemplates: [{metadata: {name: a}, spec: {}}]}}"},
		"an entry":          {"it is an empty text", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: null}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: null}}"},
		"a custom resource": {"its schema tells what null means", "{apiVersion: a.example/v1, kind: A, metadata: {name: a}, spec: {a: null}}", "{apiVersion: a.example/v1, kind: A, metadata: {name: a}, spec: {a: null}}"},
		"a wrong type":      {"the API server refuses it", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: [null]}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: [null]}"},
		"none":              {"nothing to do", head, head},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			manifest := object(t, test.manifest)
			kube.DropNulls(manifest)
			require.Equal(t, object(t, test.want), manifest, test.reason)
		})
	}
}
