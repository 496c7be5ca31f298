// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Plan is the way from the values that were found to those that are wanted, and
// then to a Traefik that runs with them.
func (m *Module) Plan(want, have State) (plan.Plan, error) {
	if !want.Settings.Present {
		return m.planAbsent(want.Settings, have.Found)
	}
	var steps plan.Plan
	aimed, err := aim(want.Settings, have.Found)
	if err != nil {
		return steps, err
	}
	wanted, err := aimed.draft(have.Found)
	if err != nil {
		return steps, err
	}
	aimed.advise(&steps, have.Found, wanted)
	if err := aimed.change(&steps, have.Found, wanted); err != nil {
		return steps, err
	}
	faults := aimed.missing(have.Found.Workload.Args, have.Found.Workload.Env)
	if aimed.Wait && (len(steps.Changes) > 0 || len(faults) > 0 || !have.Found.Workload.RolledOut) {
		steps.Add(have.Found.rollout(aimed.missing, wanted.FailurePolicy))
	}
	if aimed.Probe {
		steps.Add(plan.Change{Path: "access log of " + have.Found.Workload.String(), Verb: plan.Await, Payload: probing{have.Found, aimed}})
	}
	return steps, nil
}

// change adds what is to be written, or what has to be done or told of a release
// that has the right values.
func (t target) change(steps *plan.Plan, found Found, wanted draft) error {
	switch {
	case wanted.differs():
		steps.Add(found.change(wanted))
		return t.refuse(found, wanted)
	case found.last.stalls(t.FailurePolicy):
		steps.Add(found.again())
	default:
		found.last.warn(steps, found)
	}
	return nil
}

func (m *Module) planAbsent(want Settings, found Found) (plan.Plan, error) {
	var steps plan.Plan
	wanted, err := withdraw(found)
	if err != nil {
		return steps, err
	}
	if found.Record == nil && slices.ContainsFunc(found.Workload.Args, concerns) {
		steps.Warn("%s: tracing or access-log settings are there that this module did not make; they stay", found)
	}
	if !wanted.differs() {
		return steps, nil
	}
	steps.Add(found.change(wanted))
	if err := errors.Join(found.foreign(nil), found.last.refuse(found, wanted)); err != nil {
		return steps, err
	}
	if err := found.preview.verdict(func([]string, map[string]string) []string { return nil }, found); err != nil {
		return steps, err
	}
	found.preview.warn(&steps, found)
	if want.Wait {
		steps.Add(found.rollout(func([]string, map[string]string) []string { return nil }, wanted.FailurePolicy))
	}
	return steps, nil
}

// change writes a draft.
func (f Found) change(d draft) plan.Change {
	verb := plan.Update
	switch {
	case !f.Exists:
		verb = plan.Create
	case d.Delete:
		verb = plan.Delete
	}
	kind := "helmchartconfig/"
	if f.Method == methodHelm {
		kind = "release/"
	}
	before, after := secret.MaskedPair(shown(d.Before), shown(d.After))
	return plan.Change{Path: kind + f.Namespace + "/" + f.Name, Verb: verb, Before: before, After: after, Payload: writing{f, d}}
}

// again asks the Helm controller for a new job with the same values.
func (f Found) again() plan.Change {
	return plan.Change{Path: "job/" + f.Namespace + "/" + f.last.name, Verb: plan.Update,
		Before: "the release is failed: " + f.last.failed, After: "upgraded again", Payload: repeating{f}}
}

// repeating is what Apply needs to have an upgrade done again.
type repeating struct{ found Found }

// writing is what Apply needs to write a draft.
type writing struct {
	found Found
	draft draft
}

// arguments are those that Traefik is going to have, as far as that is known.
func (f Found) arguments() []string {
	if f.preview.done && len(f.preview.args) > 0 {
		return f.preview.args
	}
	return f.Workload.Args
}

func shown(values map[string]any) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

// rollout waits for the controller and the pods, and then for the proof.
func (f Found) rollout(missing func([]string, map[string]string) []string, policy string) plan.Change {
	return plan.Change{Path: "rollout/" + f.Workload.String(), Verb: plan.Await, Payload: awaiting{f, missing, policy}}
}

// awaiting is what Apply needs to wait for a Traefik with the settings.
type awaiting struct {
	found   Found
	missing func(args []string, env map[string]string) []string
	// policy is the failure policy that is in force then.
	policy string
}

// refuse stops a change that cannot work, before anything is written.
func (t target) refuse(found Found, wanted draft) error {
	if err := found.foreign(t.entries()); err != nil {
		return err
	}
	if err := found.overridden(t.entries()); err != nil {
		return err
	}
	if err := t.rival(found); err != nil {
		return err
	}
	if err := found.last.refuse(found, wanted); err != nil {
		return err
	}
	return found.preview.verdict(t.missing, found)
}

// rival refuses a second back end for Traefik v2.
func (t target) rival(found Found) error {
	if t.version.Export != compat.Zipkin {
		return nil
	}
	flags := effective(texts(t.base.arguments()))
	for _, name := range rivals {
		_, inOwn := overlay.Get(t.base.own, "tracing", name)
		_, inLower := overlay.Get(t.base.lower, "tracing", name)
		_, asFlag := flags["tracing."+name]
		if inOwn || inLower || asFlag {
			return fault.New(fault.Conflict, "remove it from Traefik's values; nothing was changed",
				"%s: Traefik %s sends spans to one back end only, and tracing.%s is set", found, t.number, name)
		}
	}
	return nil
}

// advise warns of what the user should know.
func (t target) advise(steps *plan.Plan, found Found, wanted draft) {
	if t.AccessLog && t.version.TraceIDField == "" {
		steps.Warn("Traefik %s writes no trace ID into its access log: links from logs to traces do not work until v%s",
			t.number, compat.TraefikNextWithTraceID(t.number))
	}
	if release := found.version(t.Settings); release.Floating {
		steps.Warn("the image tag of Traefik names no exact version; it is taken for the newest of its line, %s", strings.ReplaceAll(release.Number, "999", "x"))
	}
	if len(wanted.Lost) > 0 {
		steps.Warn("comments in the values of %s are lost: %s", found, strings.Join(wanted.Lost, " "))
	}
	if values, err := overlay.Parse(found.Text); err == nil && values["logs"] != nil && t.chart.AccessLog[0] != "logs" {
		steps.Warn("%s: chart %s does not read the values under logs any more: use log and accessLog", found, found.Chart)
	}
	t.tellIdle(steps)
	if found.newest.Status == helm.Failed {
		steps.Warn("%s: its newest revision %d has failed, and revision %d counts: %s", found, found.newest.Revision, found.release.Revision, found.newest.Description)
	}
	if wanted.differs() {
		t.replaced(steps, found, wanted)
	}
	if wanted.differs() || found.Method == methodHelm {
		t.outlived(steps, found)
	}
	for _, word := range t.dark(found.arguments()) {
		steps.Warn("%s: %s", found, word)
	}
	found.preview.warn(steps, found)
	if !t.Wait && wanted.differs() {
		steps.Warn("%s: it is not known whether the settings arrive, since wait is false", found)
	}
}
