// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import "slices"

// OwnershipKey is the key of jsonData with the ownership records: which derived
// fields this collection has set, and what they were before. Names do not tell:
// Grafana lets several fields have one name (grafana/grafana pull request 24437),
// of which some may be somebody else's. Grafana keeps and ignores keys that it
// does not know.
const OwnershipKey = "picluster_derived_fields"

// previousKey is the key of a record, beside those of fieldID, with the field that
// was replaced.
const previousKey = "was"

// fieldID is what tells derived fields from each other: two links of one name
// that look for different things are two fields.
type fieldID struct{ name, kind, matcher string }

func idOf(field any) fieldID {
	of, _ := field.(map[string]any)
	kind := Text(of["matcherType"])
	if kind == "regex" {
		kind = "" // Grafana's default
	}
	return fieldID{Text(of["name"]), kind, Text(of["matcherRegex"])}
}

// record is what OwnershipKey holds of one field; was is what it replaced.
func (id fieldID) record(was any) map[string]any {
	made := map[string]any{"name": id.name, "matcherRegex": id.matcher}
	if id.kind != "" {
		made["matcherType"] = id.kind
	}
	if was != nil {
		made[previousKey] = was
	}
	return made
}

// Fields is what a task wants of the derived fields of a data source.
type Fields struct {
	// Settings are the task's, with the wanted fields among them. A nil in their
	// place removes all.
	Settings map[string]any
	// Removed are those to remove.
	Removed []RemovedField
	// ByFile reports that a provisioning file is written, and OwnFile that this
	// collection has written that file before, with all that is in it.
	ByFile, OwnFile bool
}

// Apply puts the derived fields into made, which the settings were merged into,
// and their records. Base is the settings before.
func (f Fields) Apply(made, base map[string]any) {
	if _, removed := f.Settings[DerivedFields]; removed && f.Settings[DerivedFields] == nil {
		made[OwnershipKey] = nil
		return
	}
	fields, records := f.merge(base)
	delete(made, OwnershipKey)
	if f.telling(fields, records) {
		made[OwnershipKey] = records
	}
	if fields != nil || made[DerivedFields] != nil {
		made[DerivedFields] = append([]any{}, fields...) // none is [], as Grafana writes it, not null
	}
}

// telling reports whether the records say more than none would: in a file of this
// collection's that all of its fields are its own, elsewhere that none is.
func (f Fields) telling(fields, records []any) bool {
	if !f.ByFile {
		return len(records) > 0
	}
	return len(records) < len(fields) || slices.ContainsFunc(records, func(record any) bool { return record.(map[string]any)[previousKey] != nil })
}

// Unwanted are the derived fields that this collection has set, without those of
// the names that the settings want.
func (f Fields) Unwanted(have, wanted map[string]any) []RemovedField {
	var all []RemovedField
	p := f.observed(have)
	for i := range p.fields {
		if p.records[i] == nil {
			continue
		}
		name := nameOf(p.fields[i])
		if _, ok := Find(wanted, name); !ok {
			all = append(all, RemovedField{Name: name})
		}
	}
	return all
}

// Taken reports whether a field of somebody else's comes first under the name of a
// wanted one, and looks for something else. Grafana uses the first one's expression
// for all of a name (public/app/plugins/datasource/loki/getDerivedFields.ts).
func (f Fields) Taken(have map[string]any, wanted any) bool {
	p := f.observed(have)
	at := p.find(func(i int) bool { return nameOf(p.fields[i]) == nameOf(wanted) })
	return at >= 0 && p.records[at] == nil && idOf(p.fields[at]) != idOf(wanted)
}

// Superseded are the wanted fields whose names are no longer wanted.
func Superseded(before, after map[string]any) (removed []RemovedField) {
	for _, field := range listOf(before[DerivedFields]) {
		if _, stays := Find(after, nameOf(field)); !stays {
			removed = append(removed, RemovedField{Name: nameOf(field)})
		}
	}
	return removed
}

// Find returns the expression of the first derived field of a name.
func Find(settings map[string]any, name string) (matcher string, found bool) {
	fields := listOf(settings[DerivedFields])
	at := slices.IndexFunc(fields, func(field any) bool { return nameOf(field) == name })
	if at < 0 {
		return "", false
	}
	return idOf(fields[at]).matcher, true
}

// merge returns the derived fields that are wanted and the records of them. The
// task's own are changed in place, those of others stay as they are.
func (f Fields) merge(settings map[string]any) (fields, records []any) {
	p := f.observed(settings)
	for _, removed := range f.Removed {
		p.remove(removed)
	}
	wanted := listOf(f.Settings[DerivedFields])
	places := p.exact(wanted)
	for i, field := range wanted {
		p.apply(field, places[i])
	}
	for _, field := range wanted {
		p.revertOthers(nameOf(field))
	}
	return p.result()
}

func (f Fields) observed(settings map[string]any) *fieldPlan {
	p := &fieldPlan{fields: slices.Clone(listOf(settings[DerivedFields])), records: map[int]map[string]any{}, used: map[int]bool{}}
	if f.OwnFile && settings[OwnershipKey] == nil {
		for i, field := range p.fields {
			p.records[i] = idOf(field).record(nil)
		}
		return p
	}
	for _, item := range listOf(settings[OwnershipKey]) {
		record, _ := item.(map[string]any)
		if at := p.find(func(i int) bool { return p.records[i] == nil && idOf(p.fields[i]) == idOf(record) }); at >= 0 {
			p.records[at] = record
		}
	}
	return p
}
