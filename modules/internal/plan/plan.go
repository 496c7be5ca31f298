// SPDX-License-Identifier: AGPL-3.0-or-later

// Package plan describes the changes that lead from the current state to the wanted
// one.
package plan

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

// Verb says what a change does.
type Verb string

// The verbs. Await acts without changing anything: it waits for a state or
// proves one. It is not done in check mode and does not count as a change.
const (
	Create Verb = "create"
	Update Verb = "update"
	Delete Verb = "delete"
	Await  Verb = "await"
)

// Change is one thing to do.
type Change struct {
	// Path names the thing, kind first: "bucket/k3s-tempo".
	Path string
	Verb Verb
	// Before and After are JSON-like values for the diff, with every secret
	// redacted by package secret. Nil means that the thing is absent.
	Before, After any
	// Step does it. It is never printed, so it may hold secrets.
	Step Step `json:"-"`
}

// Side is one side of a change: nil where there are no values, since that means
// absence.
func Side(values map[string]any) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

// String names the change as results and errors do: "update policy/tempo".
func (c Change) String() string { return string(c.Verb) + " " + c.Path }

// Plan is the ordered list of changes, and the warnings for the user, which
// hold whether or not the changes are made.
type Plan struct {
	Changes  []Change
	Warnings []string
}

// Add appends a change.
func (p *Plan) Add(change Change) { p.Changes = append(p.Changes, change) }

// Warn appends a warning formatted as fmt.Sprintf does.
func (p *Plan) Warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// Changed returns the changes that alter something, without the awaits.
func (p Plan) Changed() []Change {
	var altering []Change
	for _, change := range p.Changes {
		if change.Verb != Await {
			altering = append(altering, change)
		}
	}
	return altering
}

// Paths lists what Changed holds, one "verb path" each.
func (p Plan) Paths() []string {
	paths := []string{}
	for _, change := range p.Changed() {
		paths = append(paths, change.String())
	}
	return paths
}

// Diff is the plan in the form that Ansible prints for --diff: two YAML texts,
// each a map from Path to the value before or after.
func (p Plan) Diff() map[string]any {
	before, after := map[string]any{}, map[string]any{}
	for _, change := range p.Changed() {
		put(before, change.Path, change.Before)
		put(after, change.Path, change.After)
	}
	return map[string]any{"before": text(before), "after": text(after)}
}

func put(side map[string]any, path string, value any) {
	if value != nil {
		side[path] = value
	}
}

func text(side map[string]any) string {
	if len(side) == 0 {
		return ""
	}
	out, err := yaml.Marshal(side)
	if err != nil {
		return fmt.Sprintf("cannot be shown: %v\n", err)
	}
	return string(out)
}
