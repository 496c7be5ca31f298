// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// Grafana is the program itself.
const Grafana = "grafana/grafana"

// TracesToLogsV2 is the key tracesToLogsV2 for the link from a span to its logs,
// which may have a query of its own; before, the key was tracesToLogs.
const TracesToLogsV2 Feature = "tracesToLogsV2"

// LabelFields are derived fields by the name of a label, which finds structured
// metadata too; LabelPattern is an expression for that name in place of the name.
// Both versions are those that came after the pull requests.
const (
	LabelFields  Feature = "derived fields by label"
	LabelPattern Feature = "derived fields by a pattern of labels"
)

// GrafanaFacts is what is known of Grafana.
var GrafanaFacts = Facts{
	{Grafana, TracesToLogsV2, Span{From: "9.4.0"}, "grafana/grafana pull request 61702 (January 2023), its page brought to v9.4.x by 62793"},
	{Grafana, LabelFields, Span{From: "10.3.0"}, "grafana/grafana pull request 76162 (October 2023)"},
	{Grafana, LabelPattern, Span{From: "11.5.0"}, "grafana/grafana pull request 96609 (November 2024)"},
}

// GrafanaHas asks GrafanaFacts.
func GrafanaHas(feature Feature, version string) bool {
	return GrafanaFacts.Has(Grafana, feature, version)
}
