// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// proposal is what the values have to become for a spec.
func (s Status) proposal(spec Spec) (p Proposal) {
	if spec.absent() {
		p, p.Err = s.reverted()
		return p
	}
	target, before, err := resolve(spec, s)
	if err != nil {
		return Proposal{Err: err}
	}
	p = Proposal{Text: s.Text, FailurePolicy: spec.policy(s), target: target, before: before, entries: target.Entries()}
	p.Err = p.apply(s)
	return p
}

// differs reports whether there is anything to write.
func (p Proposal) differs() bool { return len(p.Before) > 0 || len(p.After) > 0 || p.Delete }

// missing lists what has not arrived in a container's arguments and environment.
func (p Proposal) missing(args []string, env map[string]string) []string {
	if p.entries == nil {
		return nil
	}
	return p.target.Missing(args, env)
}

// values parses what the user owns.
func (s Status) values() (map[string]any, error) {
	tree, err := overlay.Parse(s.Text)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, "repair it first; nothing was changed", "read the values of "+s.String(), err)
	}
	return tree, nil
}

// resolve works out what is wanted of the Traefik that was found, and the values,
// as YAML, without what this module has set.
func resolve(spec Spec, status Status) (traefikchart.Target, string, error) {
	now, err := status.values()
	if err != nil {
		return traefikchart.Target{}, "", err
	}
	before, own, err := status.Record.Before(status.Text, now)
	if err != nil {
		return traefikchart.Target{}, "", fault.Wrap(fault.Internal, "", "read the earlier values of "+status.String(), err)
	}
	found := traefikchart.Found{
		Name: status.String(), Chart: status.Chart, Version: status.version(spec).Number, Image: status.Workload.Image, Args: status.Workload.Args,
		Base: traefikchart.Layers{Own: own, Lower: status.Lower}, Now: traefikchart.Layers{Own: now, Lower: status.Lower},
		Fixed: status.fixed(), Released: status.Method == methodHelm, Receivers: status.tempo.Receivers, Loki: status.loki,
	}
	target, err := traefikchart.New(spec.Config, found)
	return target, before, err
}

// fixed are the values that are not changed here.
func (s Status) fixed() []traefikchart.Fixed {
	if s.Method != methodConfig || s.umbrella.Chart != "" {
		return nil
	}
	return []traefikchart.Fixed{{Name: "the values of the HelmChart", Values: s.Lower}, {Name: "spec.values of the HelmChartConfig", Values: s.Higher}}
}

// apply applies the settings to the values that were found.
func (p *Proposal) apply(status Status) error {
	current, err := status.values()
	if err != nil {
		return err
	}
	p.Values, _, err = overlay.Apply(overlay.Revert(current, status.Record.Stale(p.entries)), p.entries)
	if err != nil {
		return fault.Wrap(fault.Usage, "repair them first; nothing was changed", "change the values of "+status.String(), err)
	}
	p.compare(current, status)
	if !p.differs() {
		return nil
	}
	return p.write(status)
}

// write makes the new text and its record.
func (p *Proposal) write(status Status) error {
	doing := "change the values of " + status.String()
	_, replaced, err := overlay.Apply(p.target.Base.Own, p.entries)
	if err != nil {
		return fault.Wrap(fault.Internal, "", doing, err)
	}
	source := status.Text
	if status.Record.Wrote(source) {
		source = p.before
	}
	if p.Text, p.Lost, err = overlay.Rewrite(source, p.Values); err != nil {
		return fault.Wrap(fault.Internal, "", doing, err)
	}
	p.Record = &ownership.Record{Created: !status.Exists, FailurePolicy: status.FailurePolicy, Replaced: replaced}
	if old := status.Record; old != nil {
		p.Record.Created, p.Record.FailurePolicy = old.Created, old.FailurePolicy
	}
	p.Record.Keep(p.before, p.Text)
	return nil
}

// reverted removes what this module has set.
func (s Status) reverted() (p Proposal, err error) {
	if s.Record == nil {
		return Proposal{Text: s.Text}, nil
	}
	current, err := s.values()
	if err != nil {
		return p, err
	}
	p.FailurePolicy = s.Record.FailurePolicy
	if p.Text, p.Values, err = s.Record.Before(s.Text, current); err != nil {
		return p, fault.Wrap(fault.Internal, "", "restore the values of "+s.String(), err)
	}
	p.Delete = s.Record.Created && len(p.Values) == 0
	p.compare(current, s)
	p.note("record", "kept", nil)
	return p, nil
}

// policy is the failure policy that should stand: what the user asks for, else
// one that does no harm.
func (s Spec) policy(status Status) string {
	switch {
	case s.FailurePolicy != "":
		return s.FailurePolicy
	case status.FailurePolicy == policyRetry:
		return policyRetry
	}
	return policyAbort
}

// places lists the places that entries and the record name.
func places(entries []overlay.Setting, record *ownership.Record) []traefikchart.Place {
	var all []traefikchart.Place
	for _, entry := range entries {
		all = append(all, placeOf(entry))
	}
	if record == nil {
		return all
	}
	for _, previous := range record.Replaced {
		if !previous.Container {
			all = append(all, traefikchart.Place{Path: previous.Path, Item: previous.Item, Name: previous.String()})
		}
	}
	return all
}

func placeOf(entry overlay.Setting) traefikchart.Place {
	return traefikchart.Place{Path: entry.Path, Item: entry.Item, Name: entry.String()}
}

// compare notes what differs at the owned places, of the failure policy and of a
// release that a run left pending, and nothing else.
func (p *Proposal) compare(current map[string]any, status Status) {
	for _, place := range places(p.entries, status.Record) {
		before, after := place.In(current), place.In(p.Values)
		if !overlay.Equal(before, after) {
			p.note(place.Name, before, after)
		}
	}
	if p.FailurePolicy != status.FailurePolicy && status.Method == methodConfig && status.umbrella.Chart == "" {
		p.note("failurePolicy", status.FailurePolicy, p.FailurePolicy)
	}
	if left := status.newest.Status; left.Pending() {
		p.note("status of the release", string(left), string(helm.Deployed))
	}
}

func (p *Proposal) note(name string, before, after any) {
	if p.Before == nil {
		p.Before, p.After = map[string]any{}, map[string]any{}
	}
	if before != nil && before != "" {
		p.Before[name] = before
	}
	if after != nil && after != "" {
		p.After[name] = after
	}
}
