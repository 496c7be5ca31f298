// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// planDrift corrects what is to be corrected, and tells of the rest.
func (c *client) planDrift(p *plan.Plan, spec Spec, status Status) {
	corrected := status.corrected(spec)
	for _, drift := range corrected {
		change := plan.Change{Path: drift.Object, Verb: plan.Update, Before: drift.side(0), After: drift.side(1), Step: c.writer.Step(correct(spec, drift))}
		if drift.Missing {
			change.Verb, change.Before, change.After = plan.Create, nil, redactedObject(drift.manifest)
		}
		p.Add(change)
	}
	if spec.Drift == driftCorrect {
		return
	}
	warnLost(p, spec.Release, corrected)
	warnDrift(p, spec.Release, slices.DeleteFunc(slices.Clone(status.Drift), func(d Drift) bool { return d.Missing && len(corrected) > 0 }))
}

// corrected is what is set right, workloads last, since their pods need the rest. A
// report leaves alone what somebody changed; where a workload is gone all that is
// missing is made anew, since the release would do nothing of what it is for.
func (s Status) corrected(spec Spec) []Drift {
	var all []Drift
	switch {
	case spec.Drift == driftCorrect:
		all = slices.Clone(s.Drift)
	case slices.ContainsFunc(s.Drift, Drift.lostWorkload):
		all = slices.DeleteFunc(slices.Clone(s.Drift), func(d Drift) bool { return !d.Missing })
	}
	slices.SortStableFunc(all, func(a, b Drift) int { return cmp.Compare(a.rank(), b.rank()) })
	return all
}

func (d Drift) lostWorkload() bool { return d.Missing && d.rank() > 0 }

// rank is 1 for a workload.
func (d Drift) rank() int {
	if workloads[d.manifest.Kind] {
		return 1
	}
	return 0
}

// workloads are the kinds of the charts that run pods.
var workloads = map[string]bool{"Deployment": true, "StatefulSet": true, "DaemonSet": true}

func warnLost(p *plan.Plan, release string, missing []Drift) {
	if len(missing) == 0 {
		return
	}
	var paths []string
	for _, drift := range missing {
		paths = append(paths, drift.Object)
	}
	p.Warn("somebody deleted parts of release %s, which are made anew: %s", release, strings.Join(paths, ", "))
}

func warnDrift(p *plan.Plan, release string, found []Drift) {
	if len(found) == 0 {
		return
	}
	var texts []string
	for _, drift := range found {
		texts = append(texts, drift.String())
	}
	p.Warn("somebody changed release %s behind Helm's back: %s. Set drift: correct to set it right, drift: ignore not to be told", release, strings.Join(texts, ", "))
}

// String names the object and its fields.
func (d Drift) String() string {
	if d.Missing {
		return d.Object + " (missing)"
	}
	return d.Object + " (" + strings.Join(d.names(), ", ") + ")"
}

// side shows the fields as they are (0) or would be (1).
func (d Drift) side(which int) map[string]any {
	shown := map[string]any{}
	for name, values := range d.Fields {
		shown[name] = values[which]
		if d.manifest.Kind == "Secret" {
			shown[name] = []string{secret.Before, secret.After}[which]
		}
	}
	return shown
}

// redactedDrift is what the task returns of it.
func (s Status) redactedDrift() []map[string]any {
	shown := []map[string]any{}
	for _, drift := range s.Drift {
		state := "changed"
		if drift.Missing {
			state = "missing"
		}
		shown = append(shown, map[string]any{"object": drift.Object, "state": state, "fields": append([]string{}, drift.names()...)})
	}
	return shown
}

// redactedObject is an object as the diff shows it.
func redactedObject(object helm.Object) any {
	content := map[string]any{}
	for key, value := range object.Content {
		content[key] = value
	}
	if object.Kind == "Secret" {
		content["data"], content["stringData"] = secret.Hidden, nil
	}
	return secret.Masked(content)
}
