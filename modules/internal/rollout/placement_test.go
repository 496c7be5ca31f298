// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/rollout"
)

const (
	pi = `
metadata: {labels: {kubernetes.io/arch: arm64, kubernetes.io/hostname: pi1}}
status: {allocatable: {cpu: "4", memory: 3792Mi, ephemeral-storage: 20Gi}}`
	big = `
metadata: {labels: {kubernetes.io/arch: arm64, kubernetes.io/hostname: pi2, disk: ssd}}
status: {allocatable: {cpu: "2", memory: 7800Mi}}`
	server = `
metadata: {labels: {kubernetes.io/arch: arm64, role: server}}
spec: {taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}
status: {allocatable: {cpu: "8", memory: 16Gi}}`
	away = `
metadata: {labels: {disk: nvme}}
spec: {unschedulable: true, taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}, {key: node.kubernetes.io/unschedulable, effect: NoSchedule}]}
status: {allocatable: {cpu: "4", memory: 4Gi}}`
	starting = `
spec: {taints: [{key: node.cilium.io/agent-not-ready, effect: NoExecute}, {key: startup-taint.cluster-autoscaler.kubernetes.io/x, effect: NoSchedule}]}`
	leaving = `
metadata: {labels: {kubernetes.io/arch: arm64}}
spec: {taints: [{key: ToBeDeletedByClusterAutoscaler, value: "1764184000", effect: NoSchedule}]}`
)

func TestUnschedulable(t *testing.T) {
	taint := "it does not tolerate the taint node-role.kubernetes.io/control-plane:NoSchedule of the nodes that it may run on"
	labels := "no node has the labels that its node selector or affinity asks for"
	cases := map[string]struct {
		reason string
		pod    string
		nodes  []string
		want   string
	}{
		"fits":          {"it fits at least on an empty node", "{containers: [{resources: {requests: {cpu: '4', memory: 3792Mi}}}]}", []string{pi}, ""},
		"no nodes":      {"the first node may be about to join", "{nodeSelector: {a: b}}", nil, ""},
		"selector":      {"nothing sets the label by itself", "{nodeSelector: {disk: floppy}}", []string{pi, big, server}, labels},
		"affinity":      {"required", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}]}}}}", []string{pi, big}, labels},
		"wish":          {"a preference is not a requirement", "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}}", []string{pi}, ""},
		"taint":         {"the only matching nodes are tainted", "{nodeSelector: {role: server}}", []string{pi, server}, taint},
		"tolerated":     {"the pod tolerates it", "{nodeSelector: {role: server}, tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]}", []string{pi, server}, ""},
		"unreachable":   {"the node comes back, or is uncordoned", "{nodeSelector: {disk: nvme}}", []string{pi, away}, ""},
		"autoscaler":    {"the autoscaler replaces the node", "{}", []string{leaving}, ""},
		"a plug-in":     {"it is about to start", "{}", []string{starting}, ""},
		"too much":      {"more memory than the largest node has", "{containers: [{resources: {requests: {memory: 8Gi}}}]}", []string{pi, big}, "it asks for memory 8Gi, which is more than a node that it may run on has in all"},
		"in two":        {"containers add up", "{containers: [{resources: {requests: {cpu: '3'}}}, {resources: {requests: {cpu: 1500m}}}]}", []string{pi, big}, "it asks for cpu 4500m, which is more than a node that it may run on has in all"},
		"at first":      {"an init container runs alone", "{initContainers: [{resources: {requests: {memory: 7800Mi}}}], containers: [{resources: {requests: {memory: 7Gi}}}]}", []string{pi, big}, ""},
		"both":          {"one has the processors, the other the memory", "{containers: [{resources: {requests: {cpu: '4', memory: 6Gi}}}]}", []string{pi, big}, "it asks for cpu 4, memory 6Gi, which is more than a node that it may run on has in all"},
		"behind taint":  {"a node that it cannot use does not help", "{containers: [{resources: {requests: {memory: 12Gi}}}]}", []string{pi, server}, "it asks for memory 12Gi, which is more than a node that it may run on has in all"},
		"disk":          {"a node that does not report it is not judged", "{containers: [{resources: {requests: {ephemeral-storage: 100Gi}}}]}", []string{pi, big}, ""},
		"a device":      {"its plug-in may be starting", "{containers: [{resources: {requests: {gpu.example/one: '1'}}}]}", []string{pi}, ""},
		"not read yet":  {"the capacity of the node is unknown", "{containers: [{resources: {requests: {cpu: '4'}}}]}", []string{leaving}, ""},
		"not a request": {"a limit is not a request", "{containers: [{resources: {limits: {memory: 64Gi}}}]}", []string{pi}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var pod core.PodSpec
			require.NoError(t, yaml.UnmarshalStrict([]byte(test.pod), &pod))
			var nodes []core.Node
			for _, text := range test.nodes {
				var node core.Node
				require.NoError(t, yaml.UnmarshalStrict([]byte(text), &node))
				nodes = append(nodes, node)
			}
			require.Equal(t, test.want, rollout.Unschedulable(pod, nodes), test.reason)
		})
	}
}
