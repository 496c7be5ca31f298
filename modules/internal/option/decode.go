// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Values are a task's options with defaults, environment and types applied.
type Values struct {
	values  map[string]any
	secrets []secret.Text
}

// Secrets returns every secret among the values.
func (v Values) Secrets() []secret.Text { return v.secrets }

// Into fills a struct whose json tags are the options' names. An option without
// a field there is an error: table and struct must agree. Numbers in free-form
// maps become float64, as in all JSON from servers.
func (v Values) Into(args any) error {
	data, err := json.Marshal(v.values)
	if err != nil {
		return fmt.Errorf("encode options: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(args); err != nil {
		return fmt.Errorf("options do not match %T: %w", args, err)
	}
	return nil
}

// Decode reads the options of a task. The error is a *Faults that lists every
// fault at once; the Values are filled even then, so that their secrets can be
// redacted.
func (t Table) Decode(raw map[string]any, env Lookup) (Values, error) {
	reader := &reader{env: env}
	values := reader.group("", t.Options, raw)
	faults := slices.Concat(reader.faults, t.broken(values))
	result := Values{values: values, secrets: reader.secrets}
	if len(faults) == 0 {
		return result, nil
	}
	return result, &Faults{Texts: faults}
}

// reader collects faults and secrets while it reads the table.
type reader struct {
	env     Lookup
	faults  []string
	secrets []secret.Text
}

func (r *reader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// group reads the options of one level; prefix is "" or "option.".
func (r *reader) group(prefix string, rows []Option, raw map[string]any) map[string]any {
	values := map[string]any{}
	for _, row := range rows {
		if value, given := r.one(prefix, row, raw); given {
			values[row.Name] = value
		}
	}
	r.unknown(prefix, rows, raw)
	return values
}

// one reads a single option; given is false when it has no value at all.
func (r *reader) one(prefix string, row Option, raw map[string]any) (value any, given bool) {
	name := prefix + row.Name
	value = r.find(row, raw)
	if value == nil {
		if row.Required {
			r.fault("%s is required", name)
		}
		return nil, false
	}
	typed, err := coerce(row.Type, row.Inline, spelled(row.Choices, value))
	if err != nil {
		r.hide(row, value)
		r.fault("%s %v", name, err)
		return nil, false
	}
	r.hide(row, typed)
	r.login(name, row, typed)
	return r.deeper(name, row, typed), true
}

// find returns the value from the task, an alias, the environment or the
// default, in this order; nil when there is none.
func (r *reader) find(row Option, raw map[string]any) any {
	for _, name := range append([]string{row.Name}, row.Aliases...) {
		if value, ok := raw[name]; ok && value != nil {
			return value
		}
	}
	for _, name := range row.Env {
		if value, ok := r.env(name); ok && value != "" {
			return value
		}
	}
	return row.Default
}

// deeper reads suboptions and items, then applies choices and checks.
func (r *reader) deeper(name string, row Option, value any) any {
	switch {
	case row.Type == List:
		value = r.items(name, row, value.([]any))
	case row.Type == Map && row.Suboptions != nil:
		value = r.group(name+".", row.Suboptions, value.(map[string]any))
	case row.Type == Map && row.Elements == Text:
		value = r.texts(name, row, value.(map[string]any))
	case row.Type == Map, row.Type == Raw:
		value = r.plain(name, value)
	}
	r.choose(name, row, value)
	if row.Check == nil {
		return value
	}
	if err := row.Check(value); err != nil {
		r.fault("%s %v", name, err)
	}
	return value
}

func (r *reader) items(name string, row Option, list []any) any {
	item := Option{Type: row.Elements, Suboptions: row.Suboptions, Choices: row.Choices, Secret: row.Secret, Inline: row.Inline}
	if item.Type == "" {
		item.Type = Text
	}
	typed := make([]any, 0, len(list))
	for i, raw := range list {
		item.Name = fmt.Sprintf("%s[%d]", name, i)
		if value, given := r.one("", item, map[string]any{item.Name: raw}); given {
			typed = append(typed, value)
		}
	}
	return typed
}

func (r *reader) choose(name string, row Option, value any) {
	if row.Choices == nil || row.Type == List {
		return
	}
	if !slices.Contains(row.Choices, fmt.Sprint(value)) {
		r.fault("%s must be one of %s%s", name, join(row.Choices), meant(fmt.Sprint(value), row.Choices))
	}
}
