// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempomode chooses what a task leaves open about a Tempo release: the
// mode, the chart version and the sizes. It is pure.
package tempomode

import (
	"fmt"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// Mode is how Tempo runs.
type Mode = string

// The modes.
const (
	// Auto leaves it to an existing release, to the options and to the nodes.
	Auto Mode = "auto"
	// Microservices runs each part of Tempo in pods of its own.
	Microservices Mode = "microservices"
	// Monolithic runs all of it in one pod.
	Monolithic Mode = "monolithic"
)

// charts of the modes.
func charts() map[Mode]string {
	return map[Mode]string{Microservices: compat.TempoDistributed, Monolithic: compat.TempoMonolithic}
}

// ChartOf is the name of a mode's chart, "" for Auto.
func ChartOf(mode Mode) string { return charts()[mode] }

// Of is the mode of a chart, "" for one of another name.
func Of(chart string) Mode {
	for mode, name := range charts() {
		if name == chart {
			return mode
		}
	}
	return ""
}

// Options are those by which the mode is decided.
type Options struct {
	Mode Mode
	// ChartRef names a chart of the user's own, "" for that of the mode.
	ChartRef string
	// ChartVersion is a version or a range of versions, "" for one that was proven.
	ChartVersion string
	tempochart.Config
}

// Choice is what the options leave open until the cluster has been asked.
type Choice struct {
	// Mode is Microservices or Monolithic; "" where chart_ref names the chart.
	Mode Mode
	// Version is that of the chart, "" for the newest that there is.
	Version string
	// Resources is the preset of sizes where the nodes decide it, else "".
	Resources string
	// Why is the reason for the mode, in a sentence.
	Why string
}

// Nodes are those of the cluster.
type Nodes struct {
	All []core.Node
	// Hidden says that they may not be read.
	Hidden bool
}

// NeedNodes reports whether the nodes have a say.
func (o Options) NeedNodes(release helm.Release) bool {
	_, decided := o.withoutNodes(release)
	return !decided || o.Resources == tempochart.AutoResources
}

// Choose decides what the options leave open: the mode, and the version of the
// chart. An existing release keeps both.
func (o Options) Choose(release helm.Release, nodes Nodes) Choice {
	fitting := o.fitting(nodes.All)
	choice, decided := o.withoutNodes(release)
	if !decided {
		choice = byNodes(fitting, !nodes.Hidden)
	}
	if choice.Mode != "" {
		choice.Version = o.version(choice.Mode, release)
	}
	if o.Resources == tempochart.AutoResources {
		choice.Resources = tempochart.PresetFor(smallest(fitting))
	}
	return choice
}

// withoutNodes is the mode where the task or the release has it, or the first of
// the rules.
func (o Options) withoutNodes(release helm.Release) (choice Choice, decided bool) {
	switch kept := Of(release.Chart.Name); {
	case o.ChartRef != "":
		return Choice{Why: "chart_ref names the chart"}, true
	case o.Mode != Auto:
		return Choice{Mode: o.Mode, Why: "mode: " + o.Mode}, true
	case release.Status.Exists() && kept != "":
		return Choice{Mode: kept, Why: fmt.Sprintf("release %s already exists, with chart %s", release.Name, release.Chart.ID())}, true
	}
	for _, rule := range optionRules {
		if why := rule.applies(o); why != "" {
			return Choice{Mode: rule.mode, Why: why}, true
		}
	}
	return Choice{}, false
}

// version is that of the task, else one that was proven: for an existing release
// of the same major version of Tempo.
func (o Options) version(mode Mode, release helm.Release) string {
	name := ChartOf(mode)
	switch {
	case o.ChartVersion != "":
		return o.ChartVersion
	case !release.Status.Exists():
		return compat.ProvenChart(name)
	case release.Chart.Name == name:
		if proven := compat.ProvenFor(name, release.Chart.AppVersion); proven != "" {
			return compat.Later(proven, release.Chart.Version)
		}
		return release.Chart.Version
	default:
		if proven := compat.ProvenFor(name, release.Chart.AppVersion); proven != "" {
			return proven
		}
		return compat.ProvenChart(name)
	}
}
