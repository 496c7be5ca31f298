// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// KeepsVolumes reports whether the options speak of volumes.
func (c Config) KeepsVolumes() bool { return c.Persistence != nil || speaksOf(c.Values, "persistence") }

// speaksOf reports whether a key stands anywhere in the values.
func speaksOf(values map[string]any, key string) bool {
	for name, value := range values {
		inner, _ := value.(map[string]any)
		if name == key || speaksOf(inner, key) {
			return true
		}
	}
	return false
}

// warnVolumeless tells which volumes that values ask for no StatefulSet has: the
// key backendScheduler.persistence is in values.yaml of tempo-distributed
// (2.17.0..3.3.0), and no template of it reads it.
func (r Rendered) warnVolumeless(p *plan.Plan) {
	for _, component := range compat.TempoComponents(r.chart.Version) {
		asked, _ := helm.Lookup(r.options.Values, component, "persistence").(map[string]any)
		if asked["enabled"] != true || asked["inMemory"] == true || r.volumes(component) {
			continue
		}
		p.Warn("values.%s.persistence has no effect: chart %s gives this component no volume as it is set here", component, r.chart.ID())
	}
}

// volumes reports whether a component has volumes of its own.
func (r Rendered) volumes(component string) bool {
	return slices.ContainsFunc(r.podSets, func(p scheduling.PodSet) bool {
		templates, _ := helm.Lookup(p.Content, "spec", "volumeClaimTemplates").([]any)
		return len(templates) > 0 && camel(p.Template.Labels[kube.ComponentLabel]) == component
	})
}
