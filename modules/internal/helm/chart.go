// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"helm.sh/helm/v3/pkg/chart"
)

// Chart is what the modules know of a chart.
type Chart struct {
	Name, Version string
	// AppVersion is the version of the program that the chart runs by default.
	AppVersion string
	// KubeVersion is the range of Kubernetes versions it wants, or "".
	KubeVersion string
	Deprecated  bool
	// Defaults are the chart's own values.
	Defaults map[string]any
	// Templates are the texts of its templates.
	Templates []string
	// Subcharts are the keys under which values of other charts stand.
	Subcharts []string
	// Keys are where the values of those charts stand, by the charts' names.
	Keys map[string]string

	source *chart.Chart
}

// ID is the chart as Helm writes it: tempo-distributed-2.26.2.
func (c Chart) ID() string {
	if c.Name == "" {
		return ""
	}
	return c.Name + "-" + c.Version
}

func chartOf(source *chart.Chart) Chart {
	if source == nil || source.Metadata == nil {
		return Chart{}
	}
	meta := source.Metadata
	c := Chart{Name: meta.Name, Version: meta.Version, AppVersion: meta.AppVersion, KubeVersion: meta.KubeVersion,
		Deprecated: meta.Deprecated, Defaults: source.Values, source: source}
	for _, template := range source.Templates {
		c.Templates = append(c.Templates, string(template.Data))
	}
	for _, dependency := range meta.Dependencies {
		c.key(dependency.Name, cmp.Or(dependency.Alias, dependency.Name))
		c.Subcharts = append(c.Subcharts, dependency.Name)
		if dependency.Alias != "" {
			c.Subcharts = append(c.Subcharts, dependency.Alias)
		}
	}
	return c
}

// key notes where the values of a chart stand; of several the first counts.
func (c *Chart) key(name, key string) {
	if c.Keys == nil {
		c.Keys = map[string]string{}
	}
	if c.Keys[name] == "" {
		c.Keys[name] = key
	}
}
