// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// draft is what shall stand in place of the values that were found.
type draft struct {
	// Text and Values are the new values, as text and tree.
	Text   string
	Values map[string]any
	// FailurePolicy is the new one, "" to leave it to the cluster.
	FailurePolicy string
	// Record is nil when nothing is owned any more; Delete asks for the removal of
	// the object that was made here and would be empty.
	Record *Record
	Delete bool
	// Before and After are the owned values that differ, by name.
	Before, After map[string]any
	// Lost are comments that cannot be kept.
	Lost []string
}

// differs reports whether there is anything to write.
func (d draft) differs() bool { return len(d.Before) > 0 || len(d.After) > 0 || d.Delete }

// values parses what the user owns.
func (f Found) values() (map[string]any, error) {
	tree, err := overlay.Parse(f.Text)
	if err != nil {
		return nil, fault.As(fault.Usage, "repair it first; nothing was changed", "read the values of "+f.String(), err)
	}
	return tree, nil
}

// draft lays the settings over the values that were found.
func (t target) draft(found Found) (draft, error) {
	current, err := found.values()
	if err != nil {
		return draft{}, err
	}
	entries := t.entries()
	laid, _, err := overlay.Lay(overlay.Strip(current, found.Record.stale(entries)), entries)
	if err != nil {
		return draft{}, fault.As(fault.Usage, "repair them first; nothing was changed", "change the values of "+found.String(), err)
	}
	d := draft{Values: laid, Text: found.Text, FailurePolicy: t.policy(found)}
	d.compare(current, laid, places(entries, found.Record))
	if d.FailurePolicy != found.FailurePolicy && found.Method == methodConfig {
		d.note("failurePolicy", found.FailurePolicy, d.FailurePolicy)
	}
	if !d.differs() {
		return d, nil
	}
	return d, d.write(found, t.base, entries)
}

// write makes the new text and its record.
func (d *draft) write(found Found, base layers, entries []overlay.Entry) error {
	_, priors, err := overlay.Lay(base.own, entries)
	if err != nil {
		return fault.As(fault.Internal, "", "change the values of "+found.String(), err)
	}
	source := found.Text
	if found.Record.wrote(source) {
		source = base.text
	}
	if d.Text, d.Lost, err = overlay.Rewrite(source, d.Values); err != nil {
		return fault.As(fault.Internal, "", "change the values of "+found.String(), err)
	}
	record := found.following(base.text, d.Text, priors)
	d.Record = &record
	return nil
}

// withdraw takes away what this module has set.
func withdraw(found Found) (draft, error) {
	if found.Record == nil {
		return draft{Text: found.Text}, nil
	}
	current, err := found.values()
	if err != nil {
		return draft{}, err
	}
	d := draft{FailurePolicy: found.Record.FailurePolicy}
	if d.Text, d.Values, err = found.before(current); err != nil {
		return draft{}, fault.As(fault.Internal, "", "restore the values of "+found.String(), err)
	}
	d.Delete = found.Record.Created && len(d.Values) == 0
	d.compare(current, d.Values, places(nil, found.Record))
	if d.FailurePolicy != found.FailurePolicy && found.Method == methodConfig {
		d.note("failurePolicy", found.FailurePolicy, d.FailurePolicy)
	}
	d.note("record", "kept", nil)
	return d, nil
}

// policy is the failure policy that shall stand: what the user asks for, else
// one that does no harm.
func (t target) policy(found Found) string {
	switch {
	case t.FailurePolicy != "":
		return t.FailurePolicy
	case found.FailurePolicy == "retry":
		return "retry"
	}
	return "abort"
}

// owned is a place in the values: a path, or an item of the list there.
type owned struct {
	path []string
	item string
	name string
}

// places lists the places that entries and the record speak of.
func places(entries []overlay.Entry, record *Record) []owned {
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

// compare notes what differs at the owned places, and nothing else: the values
// around them may hold secrets.
func (d *draft) compare(before, after map[string]any, places []owned) {
	for _, place := range places {
		was, is := place.in(before), place.in(after)
		if !overlay.Equal(was, is) {
			d.note(place.name, was, is)
		}
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

func (d *draft) note(name string, before, after any) {
	if d.Before == nil {
		d.Before, d.After = map[string]any{}, map[string]any{}
	}
	if before != nil && before != "" {
		d.Before[name] = presentable(name, before)
	}
	if after != nil && after != "" {
		d.After[name] = presentable(name, after)
	}
}

// overridden names an owned value that stands in values which win over those
// that can be changed here.
func (f Found) overridden(entries []overlay.Entry) error {
	for _, entry := range entries {
		if _, there := overlay.Get(f.Higher, entry.Path...); there && !entry.Remove {
			return fault.New(fault.Conflict, "take it out there; nothing was changed",
				"%s: %s is also set in spec.values of the HelmChartConfig, which wins", f, strings.Join(entry.Path, "."))
		}
		for _, set := range f.Sets {
			key := set.key
			if strings.HasPrefix(key+".", strings.Join(entry.Path, ".")+".") || strings.HasPrefix(key, strings.Join(entry.Path, ".")+"[") {
				return fault.New(fault.Conflict, "take it out there; nothing was changed",
					"%s: %s is also set in spec.set of the HelmChart, which wins", f, key)
			}
		}
	}
	return nil
}

// String names what holds the values.
func (f Found) String() string {
	kind := "HelmChartConfig"
	if f.Method == methodHelm {
		kind = "Helm release"
	}
	return fmt.Sprintf("%s %s/%s", kind, f.Namespace, f.Name)
}
