// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomode

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
		"five Pis of 8 GB":      {"the typical cluster", boards("7900Mi", "7900Mi", "7900Mi", "7900Mi", "7900Mi"), true, Monolithic, "0 of the 5 nodes that may hold Tempo have 16Gi"},
		"five of 16 GB":         {"a Pi of 16 GB has less allocatable memory", boards("15900Mi", "15900Mi", "15900Mi", "15900Mi", "15900Mi"), true, Monolithic, "0 of the 5 nodes"},
		"three servers":         {"the minimum", boards("16Gi", "32Gi", "64Gi"), true, Microservices, "3 nodes with 16Gi"},
		"two servers":           {"the failure of one node would stop it", boards("64Gi", "64Gi"), true, Monolithic, "2 nodes may hold Tempo; microservices want 3"},
		"servers and Pis":       {"two are too few", boards("64Gi", "64Gi", "4Gi", "4Gi"), true, Monolithic, "2 of the 4 nodes"},
		"more servers":          {"besides boards", boards("64Gi", "64Gi", "64Gi", "4Gi"), true, Microservices, "3 nodes with 16Gi"},
		"no memory reported":    {"it counts as 0", boards("0", "0", "0"), true, Monolithic, "0 of the 3 nodes"},
		"none fits":             {"refused later, with the reason", nil, true, Monolithic, "0 nodes may hold Tempo"},
		"nodes may not be read": {"one pod fits anywhere", nil, false, Monolithic, "may not be read"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			choice := byNodes(test.nodes, test.known)
			require.Equal(t, test.mode, choice.Mode, test.reason)
			require.Contains(t, choice.Why, test.why, test.reason)
		})
	}
}

// The smallest node that may hold Tempo decides, on every run.
func TestSizesByNodes(t *testing.T) {
	cases := map[string]struct {
		reason string
		nodes  []core.Node
		want   string
	}{
		"Pis of 4 GB":           {"the smallest preset", boards("3800Mi", "3800Mi", "3800Mi"), "raspberrypi"},
		"one of 4 GB":           {"Tempo may be scheduled there", boards("7900Mi", "3800Mi"), "raspberrypi"},
		"Pis of 8 GB":           {"the next preset", boards("7900Mi", "7900Mi"), "small"},
		"servers":               {"the chart's defaults", boards("64Gi"), "default"},
		"nodes may not be read": {"the smallest fits anywhere", nil, "raspberrypi"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := Options{Mode: Microservices, Config: tempochart.Config{Sizing: tempochart.Sizing{Resources: "auto"}}}
			require.True(t, options.NeedNodes(helm.Release{}))
			require.Equal(t, test.want, options.Choose(helm.Release{}, Nodes{All: test.nodes, Hidden: test.nodes == nil}).Resources, test.reason)
		})
	}
}

func TestOnlyUsableNodesCount(t *testing.T) {
	nodes := boards("64Gi", "64Gi", "64Gi")
	nodes[0].Labels["kubernetes.io/arch"] = "amd64"
	nodes[1].Spec.Taints = []core.Taint{{Key: "storage", Effect: core.TaintEffectNoSchedule}}
	ask := func(sizing tempochart.Sizing) Options { return Options{Config: tempochart.Config{Sizing: sizing}} }
	require.Len(t, ask(tempochart.Sizing{}).fitting(nodes), 2, "one is tainted")
	require.Len(t, ask(tempochart.Sizing{Tolerations: []any{map[string]any{"key": "storage", "operator": "Exists"}}}).fitting(nodes), 3)
	require.Len(t, ask(tempochart.Sizing{NodeSelector: map[string]string{"kubernetes.io/arch": "amd64"}}).fitting(nodes), 1)
}

// An existing release keeps mode and major version; where none is, the
// options decide before the nodes do.
func TestChoose(t *testing.T) {
	existing := func(chart, version, app string) helm.Release {
		return helm.Release{Name: "tempo", Status: helm.Deployed, Chart: helm.Chart{Name: chart, Version: version, AppVersion: app}}
	}
	cases := map[string]struct {
		reason  string
		ask     func(*Options)
		release helm.Release
		mode    string
		version string
		why     string
	}{
		"many of 2.26":      {"what the role has created so far", nil, existing("tempo-distributed", "2.26.2", "2.10.7"), Microservices, "2.26.2", "already exists"},
		"many of 1.61":      {"the newest of the same major", nil, existing("tempo-distributed", "1.61.3", "2.9.0"), Microservices, "2.26.2", "already exists"},
		"many of 0.27":      {"it stays Tempo 1.5", nil, existing("tempo-distributed", "0.27.9", "1.5.0"), Microservices, "0.27.9", "already exists"},
		"many of 2.3":       {"2.10 would not read its blocks", nil, existing("tempo-distributed", "1.8.0", "2.3.1"), Microservices, "1.8.0", "already exists"},
		"one pod of 2":      {"it stays Tempo 2", nil, existing("tempo", "2.2.4", "2.10.8"), Monolithic, "2.2.4", "already exists"},
		"one pod of 1":      {"it stays Tempo 1.5", nil, existing("tempo", "0.16.6", "1.5.0"), Monolithic, "0.16.6", "already exists"},
		"one pod of 3.1":    {"never downgraded", nil, existing("tempo", "3.1.1", "3.1.0"), Monolithic, "3.1.1", "already exists"},
		"many of 3":         {"with its broker", nil, existing("tempo-distributed", "3.3.0", "3.0.3"), Microservices, "3.3.0", "already exists"},
		"failed first":      {"it exists, too", nil, helm.Release{Status: helm.Failed, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}, Monolithic, "2.2.4", "already exists"},
		"another version":   {"the task decides", func(o *Options) { o.ChartVersion = "2.17.9" }, existing("tempo-distributed", "2.26.2", "2.10.7"), Microservices, "2.17.9", "already exists"},
		"another mode":      {"the task decides, and the major version is kept", func(o *Options) { o.Mode = Monolithic }, existing("tempo-distributed", "2.26.2", "2.10.7"), Monolithic, "2.2.4", "mode: monolithic"},
		"new, one pod":      {"the newest tested version", func(o *Options) { o.Mode = Monolithic }, helm.Release{}, Monolithic, "3.0.0", "mode: monolithic"},
		"new, many":         {"the last without Kafka", func(o *Options) { o.Mode = Microservices }, helm.Release{}, Microservices, "2.26.2", "mode: microservices"},
		"new, uninstalled":  {"there is no release", func(o *Options) { o.Mode = Monolithic }, helm.Release{Status: helm.Uninstalled, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}, Monolithic, "3.0.0", "mode: monolithic"},
		"new, Kafka":        {"only microservices use one", func(o *Options) { o.Kafka = &tempochart.Kafka{Address: "k:9092"} }, helm.Release{}, Microservices, "2.26.2", "kafka is for microservices only"},
		"new, replicas":     {"only microservices have them", func(o *Options) { o.Replicas = map[string]int64{"querier": 2} }, helm.Release{}, Microservices, "2.26.2", "replicas are"},
		"new, copies":       {"only ingesters keep them", func(o *Options) { o.ReplicationFactor = 2 }, helm.Release{}, Microservices, "2.26.2", "replication_factor is"},
		"new, logged":       {"only a distributor does", func(o *Options) { o.LogReceivedSpans = true }, helm.Release{}, Microservices, "2.26.2", "log_received_spans is"},
		"new, version of 2": {"it has meant tempo-distributed so far", func(o *Options) { o.ChartVersion = "2.26.2" }, helm.Release{}, Microservices, "2.26.2", "unless mode says otherwise"},
		"new, version of 3": {"microservices would need Kafka", func(o *Options) { o.ChartVersion = "3.1.1" }, helm.Release{}, Monolithic, "3.1.1", "Tempo 3, which needs Kafka"},
		"new, range of 2":   {"it has meant tempo-distributed so far", func(o *Options) { o.ChartVersion = "~2.26.0" }, helm.Release{}, Microservices, "~2.26.0", "unless mode says otherwise"},
		"the user's chart":  {"it determines mode and version", func(o *Options) { o.ChartRef = "charts/tempo" }, helm.Release{}, "", "", "chart_ref names the chart"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := Options{Mode: Auto}
			if test.ask != nil {
				test.ask(&options)
			}
			require.False(t, options.NeedNodes(test.release))
			choice := options.Choose(test.release, Nodes{})
			require.Equal(t, test.mode, choice.Mode, test.reason)
			require.Equal(t, test.version, choice.Version, test.reason)
			require.Contains(t, choice.Why, test.why)
			require.Equal(t, test.mode, Of(ChartOf(test.mode)))
		})
	}
}
