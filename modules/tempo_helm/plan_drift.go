// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planDrift corrects what is to be corrected, and reports the rest.
func (c *client) planDrift(p *plan.Plan, spec Spec, status Status) {
	corrected := status.corrected(spec)
	for _, drift := range corrected {
		change := plan.Change{Path: drift.Object, Verb: plan.Update, Before: drift.Before(), After: drift.After(), Step: c.writer.Step(correct(spec, drift))}
		if drift.Missing {
			change.Verb, change.Before, change.After = plan.Create, nil, drift.Redacted()
		}
		p.Add(change)
	}
	if spec.Drift == driftCorrect {
		return
	}
	warnLost(p, spec.Release, corrected)
	warnDrift(p, spec.Release, slices.DeleteFunc(slices.Clone(status.Drift), func(d inventory.Drift) bool { return d.Missing && len(corrected) > 0 }))
}

// corrected is what is corrected, workloads last, since their pods need the rest.
// A report leaves alone what somebody changed; where a workload is gone all that
// is missing is recreated, since the release would not work at all.
func (s Status) corrected(spec Spec) []inventory.Drift {
	var all []inventory.Drift
	switch {
	case spec.Drift == driftCorrect:
		all = slices.Clone(s.Drift)
	case slices.ContainsFunc(s.Drift, inventory.Drift.LostWorkload):
		all = slices.DeleteFunc(slices.Clone(s.Drift), func(d inventory.Drift) bool { return !d.Missing })
	}
	return inventory.InOrder(all)
}

func warnLost(p *plan.Plan, release string, missing []inventory.Drift) {
	if len(missing) == 0 {
		return
	}
	var paths []string
	for _, drift := range missing {
		paths = append(paths, drift.Object)
	}
	p.Warn("somebody deleted parts of release %s, which are recreated: %s", release, strings.Join(paths, ", "))
}

func warnDrift(p *plan.Plan, release string, found []inventory.Drift) {
	if len(found) == 0 {
		return
	}
	var texts []string
	for _, drift := range found {
		texts = append(texts, drift.String())
	}
	p.Warn("somebody changed release %s outside Helm: %s. Set drift: correct to correct it, or drift: ignore to silence this warning", release, strings.Join(texts, ", "))
}

// redactedDrift is the drift as the task returns it.
func (s Status) redactedDrift() []map[string]any {
	shown := []map[string]any{}
	for _, drift := range s.Drift {
		state := "changed"
		if drift.Missing {
			state = "missing"
		}
		shown = append(shown, map[string]any{"object": drift.Object, "state": state, "fields": append([]string{}, drift.Names()...)})
	}
	return shown
}
