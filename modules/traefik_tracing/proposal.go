// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
)

// Proposal is what is to become of the values that were found.
type Proposal struct {
	// Err is why there can be none.
	Err error
	// Text and Values are the new values, as text and tree.
	Text   string
	Values map[string]any
	// FailurePolicy is the new one, "" to leave it to the cluster.
	FailurePolicy string
	// Record is nil when nothing is owned any more; Delete asks for the removal of
	// the object that was made here and would be empty.
	Record *ownership.Record
	Delete bool
	// Before and After are the owned values that differ, by name. They are not
	// masked.
	Before, After map[string]any
	// Lost are comments that cannot be kept.
	Lost []string

	// target and entries are what is set; with state absent there are none.
	target  target
	entries []overlay.Entry
	// dryRun is what Helm makes of the new values.
	dryRun dryRun
}

// proposal is what the values have to become for a spec.
func (s Status) proposal(spec Spec) (p Proposal) {
	if spec.absent() {
		p, p.Err = s.reverted()
		return p
	}
	target, err := resolve(spec, s)
	if err != nil {
		return Proposal{Err: err}
	}
	p, p.Err = target.proposal(s)
	return p
}

// differs reports whether there is anything to write.
func (p Proposal) differs() bool { return len(p.Before) > 0 || len(p.After) > 0 || p.Delete }

// missing lists what has not arrived in a container's arguments and environment.
func (p Proposal) missing(args []string, env map[string]string) []string {
	if p.entries == nil {
		return nil
	}
	return p.target.missing(args, env)
}

// values parses what the user owns.
func (s Status) values() (map[string]any, error) {
	tree, err := overlay.Parse(s.Text)
	if err != nil {
		return nil, fault.As(fault.Usage, "repair it first; nothing was changed", "read the values of "+s.String(), err)
	}
	return tree, nil
}

// proposal lays the settings over the values that were found.
func (t target) proposal(status Status) (Proposal, error) {
	p := Proposal{Text: status.Text, FailurePolicy: t.policy(status), target: t, entries: t.entries()}
	current, err := status.values()
	if err != nil {
		return p, err
	}
	p.Values, _, err = overlay.Lay(overlay.Strip(current, status.Record.Stale(p.entries)), p.entries)
	if err != nil {
		return p, fault.As(fault.Usage, "repair them first; nothing was changed", "change the values of "+status.String(), err)
	}
	p.compare(current, status)
	if !p.differs() {
		return p, nil
	}
	return p, p.write(status)
}

// write makes the new text and its record.
func (p *Proposal) write(status Status) error {
	base, doing := p.target.base, "change the values of "+status.String()
	_, priors, err := overlay.Lay(base.own, p.entries)
	if err != nil {
		return fault.As(fault.Internal, "", doing, err)
	}
	source := status.Text
	if status.Record.Wrote(source) {
		source = base.text
	}
	if p.Text, p.Lost, err = overlay.Rewrite(source, p.Values); err != nil {
		return fault.As(fault.Internal, "", doing, err)
	}
	p.Record = &ownership.Record{Created: !status.Exists, FailurePolicy: status.FailurePolicy, Priors: priors}
	if old := status.Record; old != nil {
		p.Record.Created, p.Record.FailurePolicy = old.Created, old.FailurePolicy
	}
	p.Record.Keep(base.text, p.Text)
	return nil
}

// reverted takes away what this module has set.
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
		return p, fault.As(fault.Internal, "", "restore the values of "+s.String(), err)
	}
	p.Delete = s.Record.Created && len(p.Values) == 0
	p.compare(current, s)
	p.note("record", "kept", nil)
	return p, nil
}

// policy is the failure policy that should stand: what the user asks for, else
// one that does no harm.
func (t target) policy(status Status) string {
	switch {
	case t.FailurePolicy != "":
		return t.FailurePolicy
	case status.FailurePolicy == policyRetry:
		return policyRetry
	}
	return policyAbort
}

// owned is a place in the values: a path, or an item of the list there.
type owned struct {
	path []string
	item string
	name string
}

// places lists the places that entries and the record speak of.
func places(entries []overlay.Entry, record *ownership.Record) []owned {
	var all []owned
	for _, entry := range entries {
		all = append(all, owned{entry.Path, entry.Item, entry.String()})
	}
	if record == nil {
		return all
	}
	for _, prior := range record.Priors {
		if !prior.Container {
			all = append(all, owned{prior.Path, prior.Item, prior.String()})
		}
	}
	return all
}

// compare notes what differs at the owned places and of the failure policy, and
// nothing else.
func (p *Proposal) compare(current map[string]any, status Status) {
	for _, place := range places(p.entries, status.Record) {
		was, is := place.in(current), place.in(p.Values)
		if !overlay.Equal(was, is) {
			p.note(place.name, was, is)
		}
	}
	if p.FailurePolicy != status.FailurePolicy && status.Method == methodConfig {
		p.note("failurePolicy", status.FailurePolicy, p.FailurePolicy)
	}
}

func (o owned) in(values map[string]any) any {
	if o.item == "" {
		value, _ := overlay.Get(values, o.path...)
		return value
	}
	items := overlay.Items(values, o.item, o.path...)
	if len(items) == 0 {
		return nil
	}
	return items[len(items)-1]
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
