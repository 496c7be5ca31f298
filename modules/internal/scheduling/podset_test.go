// SPDX-License-Identifier: AGPL-3.0-or-later

package scheduling

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
)

// affinity is what a user writes into values of a chart, or the chart itself.
func affinity(terms string) string {
	return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [" + terms + "]}}}"
}

const (
	architecture = "{key: kubernetes.io/arch, operator: In, values: [arm64]}"
	notTheFirst  = "{key: kubernetes.io/hostname, operator: NotIn, values: [pi1]}"
	byName       = "{matchFields: [{key: metadata.name, operator: In, values: [pi2]}]}"
	memory       = "{key: memory-gb, operator: Gt, values: ['4']}"
)

func TestNodesOfPods(t *testing.T) {
	nodes := []core.Node{
		{ObjectMeta: meta.ObjectMeta{Name: "pi1", Labels: map[string]string{"kubernetes.io/hostname": "pi1", "kubernetes.io/arch": "arm64", "memory-gb": "4"}}},
		{ObjectMeta: meta.ObjectMeta{Name: "pi2", Labels: map[string]string{"kubernetes.io/hostname": "pi2", "kubernetes.io/arch": "arm64", "memory-gb": "8"}}},
		{ObjectMeta: meta.ObjectMeta{Name: "nuc", Labels: map[string]string{"kubernetes.io/hostname": "nuc", "kubernetes.io/arch": "amd64"}},
			Spec: core.NodeSpec{Taints: []core.Taint{{Key: "gpu", Effect: core.TaintEffectNoExecute}, {Key: "old", Effect: core.TaintEffectPreferNoSchedule}}}},
		{ObjectMeta: meta.ObjectMeta{Name: "off", Labels: map[string]string{"kubernetes.io/arch": "arm64"}}, Spec: core.NodeSpec{Unschedulable: true}},
	}
	cases := map[string]struct {
		reason string
		spec   string
		want   []string
	}{
		"anywhere":       {"except for taints and cordons", "", []string{"pi1", "pi2"}},
		"a selector":     {"all of its labels", "nodeSelector: {kubernetes.io/hostname: pi1}", []string{"pi1"}},
		"an affinity":    {"a required affinity counts like a selector", affinity("{matchExpressions: [" + architecture + ", " + notTheFirst + "]}"), []string{"pi2"}},
		"two terms":      {"one of them is enough", affinity("{matchExpressions: [" + memory + "]}, {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [pi1]}]}"), []string{"pi1", "pi2"}},
		"a number":       {"labels are compared as numbers", affinity("{matchExpressions: [" + memory + "]}"), []string{"pi2"}},
		"no label":       {"DoesNotExist is an operator too", affinity("{matchExpressions: [{key: memory-gb, operator: DoesNotExist}]}") + "\ntolerations: [{key: gpu, operator: Exists}]", []string{"nuc"}},
		"by name":        {"a field, not a label", affinity(byName), []string{"pi2"}},
		"no term":        {"without a term nothing matches", affinity(""), nil},
		"both":           {"selector and affinity both count", "nodeSelector: {kubernetes.io/hostname: pi1}\n" + affinity(byName), nil},
		"preferred":      {"a preference is not a requirement", "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: " + byName + "}]}}", []string{"pi1", "pi2"}},
		"tolerated":      {"the pods tolerate the taint", "tolerations: [{key: gpu, operator: Exists}]", []string{"pi1", "pi2", "nuc"}},
		"another effect": {"tolerating NoSchedule does not tolerate NoExecute", "tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]", []string{"pi1", "pi2"}},
		"not a selector": {"the API server reports what is wrong with it", affinity("{matchExpressions: [{key: memory-gb, operator: Gt, values: [much]}]}"), []string{"pi1", "pi2"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			objects, err := helm.Objects("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: tempo}\nspec:\n  template:\n    spec:\n      containers: []\n"+indented(test.spec), "tracing")
			require.NoError(t, err)
			sets := PodSets(objects)
			require.Len(t, sets, 1)
			require.Equal(t, int64(1), sets[0].Pods, "the default of Kubernetes")
			var names []string
			for _, node := range sets[0].Nodes(nodes) {
				names = append(names, node.Name)
			}
			require.Equal(t, test.want, names, test.reason)
		})
	}
}

func indented(text string) string {
	return "      " + strings.ReplaceAll(text, "\n", "\n      ")
}
