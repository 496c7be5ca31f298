// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// foreign refuses to change what something else puts back. The hint has the
// values for the place where they last; without entries they are to go.
func (f Found) foreign(entries []overlay.Entry) error {
	if !f.Owner.Foreign() || f.Force {
		return nil
	}
	if entries == nil {
		return f.Owner.Refusal(f.String(), "Traefik's values as they were before this module", "force: true")
	}
	refusal := f.Owner.Refusal(f.String(), f.which(), "force: true")
	current, err := f.values()
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+overlay.Paste(entries, current), "%s", refusal.Error())
}

// which are the values as their owner knows them.
func (f Found) which() string {
	if f.Method == methodHelm {
		return "these values"
	}
	return "these values (spec.valuesContent of the HelmChartConfig)"
}
