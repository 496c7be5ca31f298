// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

const (
	// apart is the anti-affinity of the charts' Deployments.
	apart = `affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {component: distributor}}}]}}`
	// oneByOne is the strategy of the charts from 1.40 on.
	oneByOne = `strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}`
)

// distributor is the manifest of a Deployment; spec is what its pods need.
func distributor(round string, replicas int, strategy, spec string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: tempo-distributor}
spec:
  replicas: %d
  %s
  template:
    metadata: {labels: {component: distributor}, annotations: {round: %s}}
    spec:
      containers: []
      %s
`, replicas, strategy, round, spec)
}

// onNodes are pods of the distributor, one on each node.
func onNodes(t *testing.T, spec string, nodes ...string) (pods []core.Pod) {
	t.Helper()
	for _, node := range nodes {
		pod := core.Pod{ObjectMeta: meta.ObjectMeta{Labels: map[string]string{"component": "distributor"}}}
		require.NoError(t, yaml.Unmarshal([]byte(spec), &pod.Spec))
		pod.Spec.NodeName = node
		pods = append(pods, pod)
	}
	return pods
}

func cluster(names ...string) (nodes []core.Node) {
	for _, name := range names {
		nodes = append(nodes, core.Node{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}}})
	}
	return nodes
}

func TestDeadlocks(t *testing.T) {
	half := []apps.Deployment{{ObjectMeta: meta.ObjectMeta{Name: "tempo-distributor"}, Status: apps.DeploymentStatus{Replicas: 2, UpdatedReplicas: 1}}}
	one := distributor("a", 1, "", apart)
	cases := map[string]struct {
		reason      string
		from, to    string
		nodes, pods []string
		spec        string
		live        []apps.Deployment
		lone        bool
		refused     bool
	}{
		"0.27.9 on one node":   {"the new pod may not run beside the old one, which stays until the new one is ready", one, distributor("b", 1, "", apart), []string{"pi1"}, []string{"pi1"}, apart, nil, true, false},
		"0.27.9 on two":        {"there is another node", one, distributor("b", 1, "", apart), []string{"pi1", "pi2"}, []string{"pi1"}, apart, nil, false, false},
		"1.40 on one node":     {"the old pod is stopped first", one, distributor("b", 1, oneByOne, apart), []string{"pi1"}, []string{"pi1"}, apart, nil, false, false},
		"all at once":          {"the old pods are stopped first", one, distributor("b", 1, "strategy: {type: Recreate}", apart), []string{"pi1"}, []string{"pi1"}, apart, nil, false, false},
		"no surge, none away":  {"the controller then stops one anyway", one, distributor("b", 1, "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}", apart), []string{"pi1"}, []string{"pi1"}, apart, nil, false, false},
		"the same pods":        {"there is no update", one, one, []string{"pi1"}, []string{"pi1"}, apart, nil, false, false},
		"stalled already":      {"an update of the same pods never ended", one, one, []string{"pi1"}, []string{"pi1"}, apart, half, true, false},
		"no pod yet":           {"nothing blocks the update", one, distributor("b", 1, "", apart), []string{"pi1"}, nil, apart, nil, false, false},
		"only the old forbids": {"the old pod forbids it, not the new one", one, distributor("b", 1, "", ""), []string{"pi1"}, []string{"pi1"}, apart, nil, true, false},
		"neither forbids":      {"both can run on one node", distributor("a", 1, "", ""), distributor("b", 1, "", ""), []string{"pi1"}, []string{"pi1"}, "", nil, false, false},
		"moves":                {"the old pod is on a node that the new one does not use", one, distributor("b", 1, "", "nodeSelector: {kubernetes.io/hostname: pi2}"), []string{"pi1", "pi2"}, []string{"pi1"}, apart, nil, false, false},
		"three on three":       {"the pods block each other", distributor("a", 3, "", apart), distributor("b", 3, "", apart), []string{"pi1", "pi2", "pi3"}, []string{"pi1", "pi2", "pi3"}, apart, nil, false, true},
		"three become two":     {"the third pod frees a node", distributor("a", 3, "", apart), distributor("b", 2, "", apart), []string{"pi1", "pi2", "pi3"}, []string{"pi1", "pi2", "pi3"}, apart, nil, false, false},
		"four on four":         {"a quarter of them may be stopped first", distributor("a", 4, "", apart), distributor("b", 4, "", apart), []string{"pi1", "pi2", "pi3", "pi4"}, []string{"pi1", "pi2", "pi3", "pi4"}, apart, nil, false, false},
		"a first install":      {"there is nothing to update", "", distributor("b", 1, "", apart), []string{"pi1"}, nil, apart, nil, false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			status := Status{Manifests: parsed(t, test.from), Proposal: Proposal{PodSets: scheduling.PodSets(parsed(t, test.to))}, Live: inventory.Live{Deployments: test.live},
				Nodes: cluster(test.nodes...), Pods: onNodes(t, test.spec, test.pods...)}
			status.Proposal.Deadlocks = status.update().Deadlocks()
			require.Equal(t, test.lone, len(status.Proposal.singlePodDeadlocks()) == 1, test.reason)
			err := status.validateScheduling()
			if !test.refused {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, "the update of deployment/tempo-distributor would never end: no two of its pods may share a node, its update stops no pod before a new one is ready, and each node has one already", test.reason)
		})
	}
}
