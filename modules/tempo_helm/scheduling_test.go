// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// querier is a Deployment no two pods of which may share a node.
const querier = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: tempo-querier}
spec:
  replicas: %d
  template:
    metadata: {labels: {app.kubernetes.io/component: querier}}
    spec:
      %s
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: %s, labelSelector: {matchLabels: {app.kubernetes.io/component: %s}}}
`

// required adds a required node affinity to the pods of querier.
func required(manifest, expression string) string {
	return strings.Replace(manifest, "        podAntiAffinity:", "        nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: ["+
		expression+"]}]}}\n        podAntiAffinity:", 1)
}

// parsed are the objects of a manifest.
func parsed(t *testing.T, manifest string) []helm.Object {
	t.Helper()
	objects, err := helm.Objects(manifest, "tracing")
	require.NoError(t, err)
	return objects
}

func TestScheduling(t *testing.T) {
	node := func(change func(*core.Node)) core.Node {
		node := core.Node{ObjectMeta: meta.ObjectMeta{Labels: map[string]string{"kubernetes.io/arch": "arm64"}}}
		if change != nil {
			change(&node)
		}
		return node
	}
	tainted := node(func(n *core.Node) {
		n.Spec.Taints = []core.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: core.TaintEffectNoSchedule}}
	})
	closed := node(func(n *core.Node) { n.Spec.Unschedulable = true })
	disk := node(func(n *core.Node) { n.Labels["disk"] = "ssd" })
	sized := node(func(n *core.Node) { n.Status.Allocatable = core.ResourceList{"memory": resource.MustParse("8Gi")} })
	host := "kubernetes.io/hostname"
	cases := map[string]struct {
		reason   string
		manifest string
		nodes    []core.Node
		want     string
	}{
		"fits":           {"a node for each", fmt.Sprintf(querier, 2, "", host, "querier"), []core.Node{node(nil), node(nil)}, ""},
		"one too many":   {"the second would wait forever", fmt.Sprintf(querier, 2, "", host, "querier"), []core.Node{node(nil)}, "2 pods of deployment/tempo-querier"},
		"none":           {"a component that is off", fmt.Sprintf(querier, 0, "nodeSelector: {a: b}", host, "querier"), []core.Node{node(nil)}, ""},
		"other pods":     {"two of its own pods may share a node", fmt.Sprintf(querier, 2, "", host, "ingester"), []core.Node{node(nil)}, ""},
		"zones":          {"zones are not known here", fmt.Sprintf(querier, 2, "", "topology.kubernetes.io/zone", "querier"), []core.Node{node(nil)}, ""},
		"cordoned":       {"it accepts no pods", fmt.Sprintf(querier, 2, "", host, "querier"), []core.Node{node(nil), closed}, "do not fit on 1 nodes"},
		"tainted":        {"it does not accept our pods", fmt.Sprintf(querier, 2, "", host, "querier"), []core.Node{node(nil), tainted}, "do not fit on 1 nodes"},
		"tolerated":      {"the pods tolerate the taint", fmt.Sprintf(querier, 2, "tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]", host, "querier"), []core.Node{node(nil), tainted}, ""},
		"no such label":  {"no node matches", fmt.Sprintf(querier, 1, "nodeSelector: {kubernetes.io/arch: riscv64}", host, "querier"), []core.Node{node(nil)}, "no node fits deployment/tempo-querier"},
		"affinity":       {"by values or the chart: one node is left for two pods", required(fmt.Sprintf(querier, 2, "", host, "querier"), "{key: disk, operator: In, values: [ssd]}"), []core.Node{node(nil), disk}, "do not fit on 1 nodes"},
		"no affinity":    {"no node matches", required(fmt.Sprintf(querier, 1, "", host, "querier"), "{key: disk, operator: In, values: [nvme]}"), []core.Node{node(nil), disk}, "no node fits deployment/tempo-querier"},
		"fits affinity":  {"a node for each", required(fmt.Sprintf(querier, 2, "", host, "querier"), "{key: disk, operator: NotIn, values: [nvme]}"), []core.Node{node(nil), disk}, ""},
		"too large":      {"more memory than the largest node", fmt.Sprintf(querier, 1, "containers: [{resources: {requests: {memory: 9Gi}}}]", host, "querier"), []core.Node{sized}, "it asks for memory 9Gi"},
		"nodes not read": {"the user may not list them", fmt.Sprintf(querier, 9, "", host, "querier"), nil, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Status{Proposal: Proposal{PodSets: scheduling.PodSets(parsed(t, test.manifest))}, Nodes: test.nodes}.validateScheduling()
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
		})
	}
}
