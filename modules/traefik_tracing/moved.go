// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
)

// moves reports whether a setting of a Helm release stands among the arguments
// although its chart has values for it, since a later chart refuses these: the
// next upgrade with the same values would stop.
func (t target) moves(s setting) bool {
	if !t.released || s.path == nil {
		return false
	}
	refused, later := compat.TraefikRefusedLater(s.path)
	return later && refused.Flags
}

// given reports whether the user's own values bring a setting about already. The
// chart reads those of the access log only where it is enabled.
func (t target) given(s setting) bool {
	merged := helm.Merge(t.base.lower, t.base.own)
	if len(t.chart.AccessLog) < len(s.path) && slices.Equal(s.path[:len(t.chart.AccessLog)], t.chart.AccessLog) {
		if on, _ := overlay.Get(merged, slices.Concat(t.chart.AccessLog, []string{"enabled"})...); on != true {
			return false
		}
	}
	value, there := overlay.Get(merged, s.path...)
	return there && overlay.Equal(value, s.value)
}

// outlived warns of values that stay where a later chart refuses them.
func (t target) outlived(steps *plan.Plan, found Found) {
	if found.bundled() {
		return
	}
	told := map[string]bool{}
	for _, setting := range t.settings() {
		refused, later := compat.TraefikRefusedLater(setting.path)
		name := strings.Join(refused.Path, ".")
		if !later || t.moves(setting) || told[name] {
			continue
		}
		told[name] = true
		steps.Warn("%s: charts from %s on refuse the values under %s. Before an upgrade of the chart across that version that keeps the values, "+
			"run this with state: absent, then upgrade, then run it with state: present", found, refused.From, name)
	}
}

// bundled reports whether k3s brings the chart: it packages it without a schema.
func (f Found) bundled() bool {
	return f.source != nil && strings.Contains(f.source.Spec.Chart, placeholder) || strings.ContainsAny(f.Chart, "+_")
}
