// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// boards are nodes with that much allocatable memory each.
func boards(memory ...string) (nodes []core.Node) {
	for _, amount := range memory {
		nodes = append(nodes, core.Node{
			ObjectMeta: meta.ObjectMeta{Labels: map[string]string{"kubernetes.io/arch": "arm64"}},
			Status:     core.NodeStatus{Allocatable: core.ResourceList{core.ResourceMemory: resource.MustParse(amount)}},
		})
	}
	return nodes
}

func TestModeByNodes(t *testing.T) {
	cases := map[string]struct {
		reason string
		nodes  []core.Node
		known  bool
		mode   string
		why    string
	}{
		"five Pis of 8 GB":  {"the cluster this is for", boards("7900Mi", "7900Mi", "7900Mi", "7900Mi", "7900Mi"), true, monolithic, "0 of the 5 nodes that may hold Tempo have 16Gi"},
		"five of 16 GB":     {"a Pi of 16 GB has less than that to give", boards("15900Mi", "15900Mi", "15900Mi", "15900Mi", "15900Mi"), true, monolithic, "0 of the 5 nodes"},
		"three servers":     {"what it takes", boards("16Gi", "32Gi", "64Gi"), true, microservices, "3 nodes with 16Gi"},
		"two servers":       {"a node's failure would stop it", boards("64Gi", "64Gi"), true, monolithic, "2 nodes may hold Tempo; microservices want 3"},
		"servers and Pis":   {"two are too few", boards("64Gi", "64Gi", "4Gi", "4Gi"), true, monolithic, "2 of the 4 nodes"},
		"more servers":      {"beside boards", boards("64Gi", "64Gi", "64Gi", "4Gi"), true, microservices, "3 nodes with 16Gi"},
		"no memory is told": {"it counts as none", boards("0", "0", "0"), true, monolithic, "0 of the 3 nodes"},
		"none fits":         {"which is refused later, with why", nil, true, monolithic, "0 nodes may hold Tempo"},
		"nobody may look":   {"one pod fits anywhere", nil, false, monolithic, "may not be read"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			choice := byNodes(test.nodes, test.known)
			require.Equal(t, test.mode, choice.Mode, test.reason)
			require.Contains(t, choice.Why, test.why, test.reason)
		})
	}
}

func TestOnlyNodesThatMayHoldTempoCount(t *testing.T) {
	nodes := boards("64Gi", "64Gi", "64Gi")
	nodes[0].Labels["kubernetes.io/arch"] = "amd64"
	nodes[1].Spec.Taints = []core.Taint{{Key: "storage", Effect: core.TaintEffectNoSchedule}}
	ask := func(sizing tempochart.Sizing) Spec {
		return Spec{Args: Args{Config: tempochart.Config{Sizing: sizing}}}
	}
	require.Len(t, fitting(ask(tempochart.Sizing{}), nodes), 2, "one is tainted")
	require.Len(t, fitting(ask(tempochart.Sizing{Tolerations: []any{map[string]any{"key": "storage", "operator": "Exists"}}}), nodes), 3)
	require.Len(t, fitting(ask(tempochart.Sizing{NodeSelector: map[string]string{"kubernetes.io/arch": "amd64"}}), nodes), 1)
}

// A release that is there keeps mode and major version; where none is, the
// options decide before the nodes do.
func TestChoose(t *testing.T) {
	there := func(chart, version, app string) helm.Release {
		return helm.Release{Name: "tempo", Status: helm.Deployed, Chart: helm.Chart{Name: chart, Version: version, AppVersion: app}}
	}
	cases := map[string]struct {
		reason  string
		ask     func(*Args)
		release helm.Release
		mode    string
		version string
		why     string
	}{
		"many of 2.26":      {"what the role made until now", nil, there("tempo-distributed", "2.26.2", "2.10.7"), microservices, "2.26.2", "is there already"},
		"many of 1.61":      {"the newest of the same major", nil, there("tempo-distributed", "1.61.3", "2.9.0"), microservices, "2.26.2", "is there already"},
		"many of 0.27":      {"it stays Tempo 1.5", nil, there("tempo-distributed", "0.27.9", "1.5.0"), microservices, "0.27.9", "is there already"},
		"many of 2.3":       {"2.10 would not read its blocks", nil, there("tempo-distributed", "1.8.0", "2.3.1"), microservices, "1.8.0", "is there already"},
		"one pod of 2":      {"it stays Tempo 2", nil, there("tempo", "2.2.4", "2.10.8"), monolithic, "2.2.4", "is there already"},
		"one pod of 1":      {"it stays Tempo 1.5", nil, there("tempo", "0.16.6", "1.5.0"), monolithic, "0.16.6", "is there already"},
		"one pod of 3.1":    {"never back", nil, there("tempo", "3.1.1", "3.1.0"), monolithic, "3.1.1", "is there already"},
		"many of 3":         {"with its broker", nil, there("tempo-distributed", "3.3.0", "3.0.3"), microservices, "3.3.0", "is there already"},
		"failed first":      {"it is there, too", nil, helm.Release{Status: helm.Failed, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}, monolithic, "2.2.4", "is there already"},
		"another version":   {"the task has the last word", func(a *Args) { a.ChartVersion = "2.17.9" }, there("tempo-distributed", "2.26.2", "2.10.7"), microservices, "2.17.9", "is there already"},
		"another mode":      {"the task has the last word, and the major stays", func(a *Args) { a.Mode = monolithic }, there("tempo-distributed", "2.26.2", "2.10.7"), monolithic, "2.2.4", "mode: monolithic"},
		"new, one pod":      {"the newest that is proven", func(a *Args) { a.Mode = monolithic }, helm.Release{}, monolithic, "3.0.0", "mode: monolithic"},
		"new, many":         {"the last without Kafka", func(a *Args) { a.Mode = microservices }, helm.Release{}, microservices, "2.26.2", "mode: microservices"},
		"new, uninstalled":  {"nothing is there", func(a *Args) { a.Mode = monolithic }, helm.Release{Status: helm.Uninstalled, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}, monolithic, "3.0.0", "mode: monolithic"},
		"new, Kafka":        {"only many pods take one", func(a *Args) { a.Kafka = &tempochart.Kafka{Address: "k:9092"} }, helm.Release{}, microservices, "2.26.2", "kafka is for microservices only"},
		"new, replicas":     {"only many pods have them", func(a *Args) { a.Replicas = map[string]int64{"querier": 2} }, helm.Release{}, microservices, "2.26.2", "replicas are"},
		"new, copies":       {"only ingesters keep them", func(a *Args) { a.ReplicationFactor = 2 }, helm.Release{}, microservices, "2.26.2", "replication_factor is"},
		"new, logged":       {"only a distributor does", func(a *Args) { a.LogReceivedSpans = true }, helm.Release{}, microservices, "2.26.2", "log_received_spans is"},
		"new, version of 2": {"it meant tempo-distributed until now", func(a *Args) { a.ChartVersion = "2.26.2" }, helm.Release{}, microservices, "2.26.2", "unless mode says otherwise"},
		"new, version of 3": {"many pods would need Kafka", func(a *Args) { a.ChartVersion = "3.1.1" }, helm.Release{}, monolithic, "3.1.1", "Tempo 3, which needs Kafka"},
		"new, range of 2":   {"it meant tempo-distributed until now", func(a *Args) { a.ChartVersion = "~2.26.0" }, helm.Release{}, microservices, "~2.26.0", "unless mode says otherwise"},
		"a chart of theirs": {"it names mode and version", func(a *Args) { a.ChartRef = "charts/tempo" }, helm.Release{}, "", "", "chart_ref names the chart"},
		"to go":             {"nothing is chosen", func(a *Args) { a.State = absent }, there("tempo", "2.2.4", "2.10.8"), "", "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			args := asked(func(a *Args) { a.Mode, a.ChartVersion = autoMode, "" })
			if test.ask != nil {
				test.ask(&args)
			}
			spec, err := Module{}.Spec(args)
			require.NoError(t, err)
			status := Status{Release: test.release}
			require.NoError(t, (&client{}).choose(t.Context(), spec, &status))
			require.Equal(t, test.mode, status.Choice.Mode, test.reason)
			require.Equal(t, test.version, status.Choice.Version, test.reason)
			require.Contains(t, status.Choice.Why, test.why)
			if test.mode != "" {
				require.Equal(t, chartOf(test.mode), spec.chosen(status.Choice).ChartName)
			}
		})
	}
}
