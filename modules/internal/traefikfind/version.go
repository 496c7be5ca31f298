// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// ChartVersion is what the HelmChart names; the workload's label has it where
// the chart comes without version: inline, or the newest of a repository.
func ChartVersion(chart *kube.HelmChart, w Workload) string {
	for _, version := range []string{chartIn(chart.Spec.Chart), chartIn(chart.Annotations[chartURL])} {
		if version != "" {
			return version
		}
	}
	if chart.Spec.ChartContent == "" && chart.Spec.Version != "" && (installs(*chart) || !w.ByTraefiksChart()) {
		return chart.Spec.Version
	}
	return w.ChartVersion()
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

// ChartVersion is the version in the label helm.sh/chart.
func (w Workload) ChartVersion() string {
	return strings.ReplaceAll(strings.TrimPrefix(w.Chart, "traefik-"), "_", "+")
}

// ByTraefiksChart reports whether the label helm.sh/chart names Traefik's own chart, which
// may be a subchart of that of the release.
func (w Workload) ByTraefiksChart() bool { return chartLabel.Get().MatchString(w.Chart) }
