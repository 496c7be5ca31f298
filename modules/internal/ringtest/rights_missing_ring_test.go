// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// Each module gets all its rights but one, and says which one is missing.
func TestMissingRightIsNamed(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	mesh, other := newMesh(t, r), newMesh(t, r)
	manifest := map[string]any{"namespace": r.namespace, "wait": false,
		"definition": map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"a": "b"}}}
	cases := map[string]struct {
		module, verb, resource string
		options                map[string]any
		give                   string
	}{
		"Helm's record":      {"tempo_helm", "list", "secrets", r.Options, "the verb list on secrets in a Role in namespace NAMESPACE "},
		"an object of Helm":  {"tempo_helm", "patch", "statefulsets", r.With(map[string]any{"values": map[string]any{"replicas": 3}}).Options, "the verb patch on statefulsets of the API group apps in a Role in namespace NAMESPACE "},
		"a manifest":         {"k8s_apply", "create", "configmaps", manifest, "the verb create on configmaps in a Role in namespace NAMESPACE "},
		"Linkerd's record":   {"linkerd_tracing", "update", "secrets", mesh.Options, "the verb update on secrets in a Role in namespace NAMESPACE "},
		"Linkerd's settings": {"linkerd_tracing", "patch", "deployments", other.Options, "the verb patch on deployments of the API group apps in a Role in namespace NAMESPACE "},
		"a way to Tempo":     {"trace_probe", "get", "services/proxy", map[string]any{"tempo_namespace": r.namespace, "wait_timeout": "1s", "timeout": "20s"}, "the right to get and create services/proxy"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			namespace := r.namespace
			if at, given := test.options["linkerd_namespace"].(string); given {
				namespace = at
			}
			poorer := hand(t, r.Cluster, without(rightsOf(t, test.module), test.verb, test.resource), namespace)
			result := testkit.Task{New: registry.Modules[test.module], Options: test.options}.With(map[string]any{"kubeconfig": poorer.Kubeconfig}).Apply(t)
			require.Contains(t, testkit.Failed(t, result), test.resource)
			require.Contains(t, fmt.Sprint(result), strings.ReplaceAll(test.give, "NAMESPACE", namespace))
		})
	}
}
