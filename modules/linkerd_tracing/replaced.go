// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
)

// replaced tells by name which settings of the user's a change replaces.
func replaced(p *plan.Plan, have State, d draft) {
	var names []string
	for _, entry := range d.entries {
		was, there := overlay.Get(d.base, entry.Path...)
		now, _ := overlay.Get(values(have.Release), entry.Path...)
		if there && was != "" && was != nil && !overlay.Equal(was, entry.Value) && !overlay.Equal(now, entry.Value) {
			names = append(names, fmt.Sprintf("%s %v becomes %v", entry, was, entry.Value))
		}
	}
	if len(names) > 0 {
		p.Warn("release %s/%s: settings of yours are replaced until state: absent puts them back: %s",
			have.Release.Namespace, have.Release.Name, strings.Join(names, ", "))
	}
	if d.ends(have) {
		p.Warn("release %s/%s: the extension's own collector and Jaeger are switched off, and the traces that this Jaeger holds are gone",
			have.Release.Namespace, have.Release.Name)
	}
}

// ends reports whether a change takes away a Jaeger that runs.
func (d draft) ends(have State) bool {
	if have.Generation.Way != compat.LinkerdExtension || have.Release.Status != helm.Deployed || d.gone || len(d.entries) == 0 {
		return false
	}
	merged := helm.Merge(have.Release.Chart.Defaults, values(have.Release))
	return helm.Lookup(merged, "jaeger", "enabled") != false
}
