// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"strings"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/scheduling"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// warn says what the user should know: always about where the chart comes from,
// and before a deployment about what it will mean. Its error is a warning that
// the user wants to be an error, or a deployment that can never be ready.
func warn(p *plan.Plan, spec Spec, status Status) error {
	chart := status.Proposal.Chart
	if spec.ChartVersion == "" && !spec.Source.Local() {
		p.Warn("chart_version is not set, so each run takes the newest chart: this one is %s. Pin it, for example chart_version: %s", chart.ID(), chart.Version)
	}
	if strings.TrimSuffix(spec.ChartRepoURL, "/") == frozenRepository && !spec.Source.Local() {
		p.Warn("chart_repo_url %s has been frozen since the end of January 2026 and gets no security fixes; the charts live on in %s", frozenRepository, currentRepository)
	}
	if unknown := chart.UnknownKeys(spec.Values); len(unknown) > 0 {
		if spec.StrictValues {
			return fault.New(fault.Usage, "correct the keys, or set strict_values: false", "values for chart %s: %s", chart.ID(), strings.Join(unknown, "; "))
		}
		p.Warn("values for chart %s, which ignores what it does not know: %s", chart.ID(), strings.Join(unknown, "; "))
	}
	if len(secret.Within(spec.Values)) > 0 {
		p.Warn("values holds a password or a key: it is stored in the release and often ends in a ConfigMap. Keys of the object storage belong in s3")
	}
	status.Graph.Warn(p)
	if status.Proposal.Deployed {
		return nil
	}
	return warnDeployment(p, spec, status)
}

func warnDeployment(p *plan.Plan, spec Spec, status Status) error {
	proposal, chart := status.Proposal, status.Proposal.Chart
	if err := warnEffects(p, spec, proposal); err != nil {
		return err
	}
	values := helm.Merge(chart.Defaults, proposal.Values)
	if len(secret.Within(status.Release.Values)) > 0 {
		p.Warn("the values of release %s held a password or a key until now, and Helm's history of it still does: change them in the object storage", spec.Release)
	}
	if from, to := compat.Major(status.Release.Chart.AppVersion), compat.Major(chart.AppVersion); to >= 0 && from > to {
		p.Warn("Tempo %s cannot read blocks that Tempo %s wrote", chart.AppVersion, status.Release.Chart.AppVersion)
	}
	if support, ok := compat.SupportOf(chart.AppVersion); ok && support.Ends.Before(status.ObservedAt) {
		p.Warn("Tempo %s has had no fixes since %s", chart.AppVersion, support.Ends.Format(time.DateOnly))
	}
	if chart.Name == compat.TempoMonolithic {
		if helm.Lookup(values, "persistence", "enabled") != true {
			p.Warn("spans that are not in the object storage yet are lost when Tempo restarts: set persistence")
		}
		return nil
	}
	if compat.TempoHas(chart.Name, compat.Ingester, chart.Version) {
		warnIngesters(p, status, values)
	}
	return status.validateScheduling()
}

// warnEffects checks what the chart renders against the options.
func warnEffects(p *plan.Plan, spec Spec, proposal Proposal) error {
	if proposal.Manifest == "" {
		return nil
	}
	rendered, err := tempochart.Read(spec.Config, proposal.Chart, proposal.Values, proposal.Objects)
	if err != nil {
		return err
	}
	return rendered.Warn(p)
}

func warnIngesters(p *plan.Plan, status Status, values map[string]any) {
	if helm.Lookup(values, "ingester", "persistence", "enabled") != true {
		p.Warn("spans that are not in the object storage yet are lost when an ingester restarts: set persistence")
	}
	nodes := int64(len(nodesFor("ingester", status)))
	factor := tempochart.Number(values, "ingester", "config", "replication_factor")
	if nodes > 0 && factor > nodes {
		p.Warn("each span is kept on %d ingesters, but there are %d nodes for them, so that one node's failure can stop Tempo: set replicas.ingester and replication_factor to %d", factor, nodes, max(1, nodes-1+nodes%2))
	}
}

// validateScheduling refuses more pods of a workload than there are nodes for them
// where the chart lets no two share a node: the rest would stay Pending forever.
func (s Status) validateScheduling() error {
	if len(s.Nodes) == 0 {
		return nil
	}
	for _, set := range s.Proposal.PodSets {
		nodes := int64(len(set.Nodes(s.Nodes)))
		switch {
		case set.Pods == 0:
		case nodes == 0:
			return fault.New(fault.Unsupported, "correct node_selector and tolerations; kubectl get nodes --show-labels shows the labels",
				"no node fits %s: its pods would stay Pending forever", set.Path())
		case set.Unschedulable(s.Nodes) != "":
			return fault.New(fault.Unsupported, "ask for less in resources, or correct node_selector",
				"the pods of %s would stay Pending forever: each fits no node, since %s", set.Path(), set.Unschedulable(s.Nodes))
		case set.Pods > nodes && set.Exclusive():
			return fault.New(fault.Unsupported, "set replicas to the number of nodes or less, or another affinity in values",
				"%d pods of %s, of which no two may share a node, do not fit on %d nodes: the rest would stay Pending forever", set.Pods, set.Path(), nodes)
		}
	}
	for _, set := range s.Proposal.Deadlocks {
		if set.Pods > 1 {
			return fault.New(fault.Unsupported, "set replicas to less than the number of nodes for this upgrade, or a strategy in values where the chart knows one",
				"the update of %s would never end: %s", set.Path(), scheduling.Deadlock)
		}
	}
	return nil
}

// nodesFor are the nodes for a component of Tempo.
func nodesFor(component string, status Status) []core.Node {
	for _, set := range status.Proposal.PodSets {
		if set.Template.Labels[kube.ComponentLabel] == component {
			return set.Nodes(status.Nodes)
		}
	}
	return nil
}
