// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"path"
	"strings"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// ChartVersion is what the HelmChart names; the workload's label has it where
// the chart comes without version: inline, or the newest of a repository, and where the
// HelmChart names a chart that only brings Traefik's.
func ChartVersion(chart *kube.HelmChart, w Workload) string {
	for _, version := range []string{chartIn(chart.Spec.Chart), chartIn(chart.Annotations[chartURL])} {
		if version != "" {
			return version
		}
	}
	if chart.Spec.ChartContent == "" && chart.Spec.Version != "" && !Brings(chart, w) {
		return chart.Spec.Version
	}
	return w.ChartVersion()
}

// Brings reports whether a HelmChart may name a chart that has Traefik's as a subchart: it
// is inline, or has not the name that the workload's chart has.
func Brings(chart *kube.HelmChart, w Workload) bool {
	if installs(*chart) || chartIn(chart.Annotations[chartURL]) != "" {
		return false
	}
	return chart.Spec.ChartContent != "" || w.chartName() != "" && path.Base(chart.Spec.Chart) != w.chartName()
}

// chartURL is the annotation with the source of an inline chart (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, AnnotationChartURL).
const chartURL = "helm.cattle.io/chart-url"

// archive finds name and version of a chart in the URL of its archive:
// https://.../traefik-39.0.701+up39.0.7.tgz, with the plus sign encoded or not.
var archive = lazyregexp.Regexp{Expr: `(?:^|/)traefik-(\d[^/]*)\.tgz$`}

// chartIn returns the version of the Traefik chart that a URL names, or "".
func chartIn(url string) string {
	match := archive.Get().FindStringSubmatch(strings.ReplaceAll(url, "%2B", "+"))
	if match == nil {
		return ""
	}
	return match[1]
}

// traefik is the name of Traefik's own chart.
const traefik = "traefik"

// labelled takes the label helm.sh/chart apart: the name, which may hold digits, and a version.
var labelled = lazyregexp.Regexp{Expr: `^(.+?)-(\d+\.\d+\.\d.*)$`}

// chartName is the chart's name in the label helm.sh/chart, "" without one; a subchart with an
// alias has that there (helm.sh/helm, pkg/chartutil/dependencies.go, getAliasDependency).
func (w Workload) chartName() string {
	name, _ := w.chart()
	return name
}

// ChartVersion is the version in the label helm.sh/chart.
func (w Workload) ChartVersion() string {
	_, version := w.chart()
	return version
}

func (w Workload) chart() (name, version string) {
	match := labelled.Get().FindStringSubmatch(w.Chart)
	if match == nil {
		return "", strings.ReplaceAll(strings.TrimPrefix(w.Chart, traefik+"-"), "_", "+")
	}
	return match[1], strings.ReplaceAll(match[2], "_", "+")
}

// ByTraefiksChart reports whether the label helm.sh/chart names Traefik's own chart, which
// may be a subchart of that of the release.
func (w Workload) ByTraefiksChart() bool { return chartLabel.Get().MatchString(w.Chart) }
