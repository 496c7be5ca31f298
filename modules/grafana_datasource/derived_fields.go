// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"
)

// fieldsKey is the key of jsonData that notes which derived fields this module
// has set, and what was there before. Names do not tell: Grafana lets several
// fields have one name (grafana/grafana pull request 24437), of which some may be
// somebody else's. Grafana keeps and ignores keys that it does not know.
const fieldsKey = "picluster_derived_fields"

// The keys of a note beside those of fieldID: the field that was there.
const previousKey = "was"

// fieldID is what tells derived fields from each other: two links of one name
// that look for different things are two fields.
type fieldID struct{ name, kind, matcher string }

func idOf(field any) fieldID {
	of, _ := field.(map[string]any)
	kind := text(of["matcherType"])
	if kind == "regex" {
		kind = "" // Grafana's default
	}
	return fieldID{text(of["name"]), kind, text(of["matcherRegex"])}
}

// note is what fieldsKey holds of one field.
func (id fieldID) note(was any) map[string]any {
	made := map[string]any{"name": id.name, "matcherRegex": id.matcher}
	if id.kind != "" {
		made["matcherType"] = id.kind
	}
	if was != nil {
		made[previousKey] = was
	}
	return made
}

// fieldPlan merges the fields of a task into those that are there.
type fieldPlan struct {
	// fields are those of the data source, nil where one was taken out, so that the
	// others keep their places.
	fields []any
	// notes tell of the fields that are this module's, by their place.
	notes map[int]map[string]any
	// used are the places that the task has spoken for.
	used map[int]bool
}

// fieldsFor returns the derived fields that are to be and the notes about them.
// The task's own are changed in place, those of others stay as they are.
func (r resolved) fieldsFor(settings map[string]any) (fields, notes []any) {
	p := r.planned(settings)
	for _, removed := range r.RemovedFields {
		p.remove(removed)
	}
	wanted := listOf(r.Settings[derivedFields])
	places := p.exact(wanted)
	for i, field := range wanted {
		p.apply(field, places[i])
	}
	for _, field := range wanted {
		p.revertOthers(nameOf(field))
	}
	return p.result()
}

func (r resolved) planned(settings map[string]any) *fieldPlan {
	p := &fieldPlan{fields: slices.Clone(listOf(settings[derivedFields])), notes: map[int]map[string]any{}, used: map[int]bool{}}
	if r.ownFile && settings[fieldsKey] == nil {
		for i, field := range p.fields {
			p.notes[i] = idOf(field).note(nil)
		}
		return p
	}
	for _, item := range listOf(settings[fieldsKey]) {
		note, _ := item.(map[string]any)
		if at := p.find(func(i int) bool { return p.notes[i] == nil && idOf(p.fields[i]) == idOf(note) }); at >= 0 {
			p.notes[at] = note
		}
	}
	return p
}

func (p *fieldPlan) find(fits func(int) bool) int {
	for i, field := range p.fields {
		if field != nil && fits(i) {
			return i
		}
	}
	return -1
}

// exact are the places of the wanted fields that are there already, -1 for the
// others.
func (p *fieldPlan) exact(wanted []any) []int {
	places := make([]int, len(wanted))
	for i, field := range wanted {
		places[i] = p.find(func(at int) bool { return !p.used[at] && idOf(p.fields[at]) == idOf(field) })
		if places[i] >= 0 {
			p.used[places[i]] = true
		}
	}
	return places
}

// apply puts a wanted field where it is, else where this module has put one of its
// name before, else at the end.
func (p *fieldPlan) apply(wanted any, at int) {
	field, _ := wanted.(map[string]any)
	if at < 0 {
		at = p.find(func(i int) bool {
			return !p.used[i] && p.notes[i] != nil && p.notes[i][previousKey] == nil && nameOf(p.fields[i]) == nameOf(field)
		})
	}
	if at < 0 {
		at = len(p.fields)
		p.fields = append(p.fields, map[string]any{})
		p.notes[at] = map[string]any{}
	}
	p.used[at] = true
	there, _ := p.fields[at].(map[string]any)
	made := merged(there, field)
	switch {
	case p.notes[at] != nil:
		p.notes[at] = idOf(made).note(p.notes[at][previousKey])
	case !same(there, made):
		p.notes[at] = idOf(made).note(maps.Clone(there))
	}
	p.fields[at] = made
}

// revertOthers takes back what this module has set under a name and the task no longer
// asks for.
func (p *fieldPlan) revertOthers(name string) {
	for i, field := range p.fields {
		if !p.used[i] && p.notes[i] != nil && nameOf(field) == name {
			p.revert(i)
		}
	}
}

// remove takes away the fields that this module has set. One of somebody else's
// goes only where the task names its expression, too.
func (p *fieldPlan) remove(removed RemovedField) {
	p.revertOthers(removed.Name)
	for i, field := range p.fields {
		if field != nil && removed.Matcher != "" && idOf(field).name == removed.Name && idOf(field).matcher == removed.Matcher {
			p.fields[i] = nil
			delete(p.notes, i)
		}
	}
}

// revert gives back what was there before.
func (p *fieldPlan) revert(at int) {
	p.fields[at] = p.notes[at][previousKey]
	delete(p.notes, at)
}

func (p *fieldPlan) result() (fields, notes []any) {
	notes = []any{}
	for i, field := range p.fields {
		if field == nil {
			continue
		}
		fields = append(fields, field)
		if p.notes[i] != nil {
			notes = append(notes, p.notes[i])
		}
	}
	return fields, notes
}
