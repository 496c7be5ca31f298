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
func replaced(p *plan.Plan, status Status) {
	var names []string
	for _, entry := range status.Proposal.Entries {
		was, found := overlay.Get(status.Proposal.Base, entry.Path...)
		now, _ := overlay.Get(values(status.Release), entry.Path...)
		if found && was != "" && was != nil && !overlay.Equal(was, entry.Value) && !overlay.Equal(now, entry.Value) {
			names = append(names, fmt.Sprintf("%s %v becomes %v", entry, was, entry.Value))
		}
	}
	if len(names) > 0 {
		p.Warn("release %s/%s: your settings are replaced until state: absent restores them: %s",
			status.Release.Namespace, status.Release.Name, strings.Join(names, ", "))
	}
	if status.endsJaeger() {
		p.Warn("release %s/%s: the extension's own collector and Jaeger are switched off, and the traces that this Jaeger holds are lost",
			status.Release.Namespace, status.Release.Name)
	}
}

// endsJaeger reports whether the change removes a Jaeger that runs.
func (s Status) endsJaeger() bool {
	if s.Generation.Method != compat.LinkerdExtension || s.Release.Status != helm.Deployed || s.Proposal.Gone || len(s.Proposal.Entries) == 0 {
		return false
	}
	merged := helm.Merge(s.Release.Chart.Defaults, values(s.Release))
	return helm.Lookup(merged, "jaeger", "enabled") != false
}
