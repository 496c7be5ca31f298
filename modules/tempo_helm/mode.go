// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"fmt"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
)

// Choice is what the options leave open until the cluster was asked.
type Choice struct {
	// Mode is microservices or monolithic; "" where chart_ref names the chart.
	Mode string
	// Version is that of the chart, "" for the newest that there is.
	Version string
	// Why the mode is what it is, in a sentence.
	Why string
}

// chosen is the spec with what was left open.
func (s Spec) chosen(choice Choice) Spec {
	if choice.Mode == "" {
		return s
	}
	s.Mode, s.ChartVersion = choice.Mode, choice.Version
	s.Source, s.ChartName = s.source(), chartName(s.chartRef())
	return s
}

// charts of the modes.
var charts = map[string]string{microservices: compat.TempoDistributed, monolithic: compat.TempoMonolithic}

func chartOf(mode string) string { return charts[mode] }

// modeOf is the mode of a chart, "" for one of another name.
func modeOf(chart string) string {
	for mode, name := range charts {
		if name == chart {
			return mode
		}
	}
	return ""
}

// mode is that of the chart that the run leads to.
func (s Status) mode() string { return modeOf(s.Proposal.Chart.Name) }

// there reports whether there is a release, which is to stay what it is.
func (s Status) there() bool {
	return s.Release.Status != helm.Absent && s.Release.Status != helm.Uninstalled
}

// choose decides what the options leave open: the mode, and the version of the
// chart. A release that is there stays in both what it is.
func (r *reader) choose(ctx context.Context, spec Spec, status *Status) (err error) {
	switch kept := modeOf(status.Release.Chart.Name); {
	case spec.absent():
		return nil
	case spec.ChartRef != "":
		status.Choice.Why = "chart_ref names the chart"
		return nil
	case spec.Mode != autoMode:
		status.Choice = Choice{Mode: spec.Mode, Why: "mode: " + spec.Mode}
	case status.there() && kept != "":
		status.Choice = Choice{Mode: kept, Why: fmt.Sprintf("release %s is there already, with chart %s", spec.Release, status.Release.Chart.ID())}
	default:
		if status.Choice, err = r.newMode(ctx, spec, status); err != nil {
			return err
		}
	}
	status.Choice.Version = version(spec, *status)
	return nil
}

// version is that of the task, else one that was proven: for a release that is
// there of the same major version of Tempo.
func version(spec Spec, status Status) string {
	name := chartOf(status.Choice.Mode)
	switch release := status.Release; {
	case spec.ChartVersion != "":
		return spec.ChartVersion
	case !status.there():
		return compat.ProvenChart(name)
	case release.Chart.Name == name:
		if proven := compat.ProvenFor(name, release.Chart.AppVersion); proven != "" {
			return later(proven, release.Chart.Version)
		}
		return release.Chart.Version
	default:
		if proven := compat.ProvenFor(name, release.Chart.AppVersion); proven != "" {
			return proven
		}
		return compat.ProvenChart(name)
	}
}
