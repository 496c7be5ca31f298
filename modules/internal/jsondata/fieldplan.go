// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import "maps"

// fieldPlan merges the fields of a task into the existing ones.
type fieldPlan struct {
	// fields are those of the data source, nil where one was removed, so that the
	// others keep their places.
	fields []any
	// records are of the fields that are this collection's, by their place.
	records map[int]map[string]any
	// used are the places that the task has claimed.
	used map[int]bool
}

func (p *fieldPlan) find(fits func(int) bool) int {
	for i, field := range p.fields {
		if field != nil && fits(i) {
			return i
		}
	}
	return -1
}

// exact are the places of the wanted fields that already exist, -1 for the
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

// apply puts a wanted field where it is, else where this collection has put one of
// its name before, else at the end.
func (p *fieldPlan) apply(wanted any, at int) {
	field, _ := wanted.(map[string]any)
	if at < 0 {
		at = p.find(func(i int) bool {
			return !p.used[i] && p.records[i] != nil && p.records[i][previousKey] == nil && nameOf(p.fields[i]) == nameOf(field)
		})
	}
	if at < 0 {
		at = len(p.fields)
		p.fields = append(p.fields, map[string]any{})
		p.records[at] = map[string]any{}
	}
	p.used[at] = true
	current, _ := p.fields[at].(map[string]any)
	made := Merge(current, field)
	switch {
	case p.records[at] != nil:
		p.records[at] = idOf(made).record(p.records[at][previousKey])
	case !Same(current, made):
		p.records[at] = idOf(made).record(maps.Clone(current))
	}
	p.fields[at] = made
}

// revertOthers reverts what this collection has set under a name and the task
// no longer asks for.
func (p *fieldPlan) revertOthers(name string) {
	for i, field := range p.fields {
		if !p.used[i] && p.records[i] != nil && nameOf(field) == name {
			p.revert(i)
		}
	}
}

// remove removes the fields that this collection has set. One of somebody else's
// is removed only where the task names its expression, too.
func (p *fieldPlan) remove(removed RemovedField) {
	p.revertOthers(removed.Name)
	for i, field := range p.fields {
		if field != nil && removed.Matcher != "" && idOf(field).name == removed.Name && idOf(field).matcher == removed.Matcher {
			p.fields[i] = nil
			delete(p.records, i)
		}
	}
}

// revert restores the previous field.
func (p *fieldPlan) revert(at int) {
	p.fields[at] = p.records[at][previousKey]
	delete(p.records, at)
}

func (p *fieldPlan) result() (fields, records []any) {
	records = []any{}
	for i, field := range p.fields {
		if field == nil {
			continue
		}
		fields = append(fields, field)
		if p.records[i] != nil {
			records = append(records, p.records[i])
		}
	}
	return fields, records
}
