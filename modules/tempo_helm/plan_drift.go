// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// planDrift corrects drift, or tells of it.
func planDrift(p *plan.Plan, have State) {
	if have.args.Drift != driftCorrect {
		warnDrift(p, have)
		return
	}
	for _, drift := range have.Drift {
		change := plan.Change{Path: drift.Object, Verb: plan.Update, Before: drift.side(0), After: drift.side(1), Payload: drift}
		if drift.Missing {
			change.Verb, change.Before, change.After = plan.Create, nil, shownObject(drift.manifest)
		}
		p.Add(change)
	}
}

func warnDrift(p *plan.Plan, have State) {
	if len(have.Drift) == 0 {
		return
	}
	var texts []string
	for _, drift := range have.Drift {
		texts = append(texts, drift.String())
	}
	p.Warn("somebody changed release %s behind Helm's back: %s. Set drift: correct to set it right, drift: ignore not to be told", have.args.Release, strings.Join(texts, ", "))
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

// shownDrift is what the task returns of it.
func (s State) shownDrift() []map[string]any {
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

// shownObject is an object as the diff shows it.
func shownObject(object helm.Object) any {
	content := map[string]any{}
	for key, value := range object.Content {
		content[key] = value
	}
	if object.Kind == "Secret" {
		content["data"], content["stringData"] = secret.Hidden, nil
	}
	return secret.Masked(content)
}
