// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomode

import (
	"encoding/json"
	"fmt"
	"slices"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// What microservices need of the nodes. Each span is kept on three ingesters,
// and the failure of a node that holds two of them stops Tempo. A dozen pods
// that hold, flush and compact blocks side by side take three times the memory
// that one takes, which no board has to spare beside what the cluster is for; in
// return they take more than the 25 to 35 MB of spans a second up to which
// Tempo's makers call one process enough
// (grafana/tempo docs/sources/tempo/set-up-for-tracing/setup-tempo/plan).
const minNodes = 3

func minMemory() resource.Quantity { return resource.MustParse("16Gi") }

// modeRule decides the mode of a new release where the options leave it open.
type modeRule struct {
	mode Mode
	// applies returns why, or "" where the rule has nothing to say.
	applies func(Options) string
}

// optionRules decide by the options, the first one that applies. Until there was
// a choice, chart_version was always that of tempo-distributed.
var optionRules = []modeRule{
	{Monolithic, func(o Options) string { return when(o.Local(), "storage: local is for one pod") }},
	{Microservices, func(o Options) string { return when(o.Kafka != nil, "kafka is for microservices only") }},
	{Microservices, func(o Options) string { return when(len(o.Replicas) > 0, "replicas are for microservices only") }},
	{Microservices, func(o Options) string {
		return when(o.ReplicationFactor != 0, "replication_factor is for microservices only")
	}},
	{Microservices, func(o Options) string {
		return when(o.LogReceivedSpans, "log_received_spans is for microservices only")
	}},
	{Monolithic, func(o Options) string {
		return when(compat.TempoHas(compat.TempoDistributed, compat.KafkaRequired, o.ChartVersion), "chart_version "+o.ChartVersion+" is of Tempo 3, which needs Kafka in more than one pod")
	}},
	{Microservices, func(o Options) string {
		return when(o.ChartVersion != "", "chart_version "+o.ChartVersion+" is one of chart tempo-distributed unless mode says otherwise")
	}},
}

func when(ok bool, why string) string {
	if ok {
		return why
	}
	return ""
}

// smallest is the least allocatable memory of the nodes, zero without any.
func smallest(nodes []core.Node) (least resource.Quantity) {
	for i, node := range nodes {
		if memory := node.Status.Allocatable.Memory(); i == 0 || memory.Cmp(least) < 0 {
			least = *memory
		}
	}
	return least
}

// fitting are the nodes that may hold Tempo by the options.
func (o Options) fitting(nodes []core.Node) []core.Node {
	var pods scheduling.PodSet
	pods.Template.Spec.NodeSelector = o.NodeSelector
	if data, err := json.Marshal(o.Tolerations); err == nil {
		// the API server says what is wrong with one
		_ = json.Unmarshal(data, &pods.Template.Spec.Tolerations)
	}
	return pods.Nodes(nodes)
}

// byNodes decides by their number and allocatable memory. Known is false where
// this user may not read them.
func byNodes(nodes []core.Node, known bool) Choice {
	least := minMemory()
	large := len(slices.DeleteFunc(slices.Clone(nodes), func(node core.Node) bool { return node.Status.Allocatable.Memory().Cmp(least) < 0 }))
	switch {
	case !known:
		return Choice{Mode: Monolithic, Why: "the nodes may not be read, and one pod fits anywhere"}
	case len(nodes) < minNodes:
		return Choice{Mode: Monolithic, Why: fmt.Sprintf("%d nodes may hold Tempo; microservices want %d", len(nodes), minNodes)}
	case large < minNodes:
		return Choice{Mode: Monolithic, Why: fmt.Sprintf("%d of the %d nodes that may hold Tempo have %s of allocatable memory; microservices want %d of them", large, len(nodes), &least, minNodes)}
	}
	return Choice{Mode: Microservices, Why: fmt.Sprintf("%d nodes with %s of allocatable memory and more may hold Tempo", large, &least)}
}
