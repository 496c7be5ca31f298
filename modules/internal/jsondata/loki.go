// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import (
	"regexp"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// Loki are the typed settings of a Loki data source.
type Loki struct {
	MaxLines      *int64         `json:"max_lines"`
	DerivedFields []DerivedField `json:"derived_fields"`
}

// DerivedField is one link out of a log line.
type DerivedField struct {
	Name            string   `json:"name"`
	State           string   `json:"state"`
	TraceIDField    []string `json:"trace_id_field"`
	MatcherRegex    string   `json:"matcher_regex"`
	MatcherType     *string  `json:"matcher_type"`
	DatasourceUID   *string  `json:"datasource_uid"`
	URL             *string  `json:"url"`
	URLDisplayLabel *string  `json:"url_display_label"`
	TargetBlank     *bool    `json:"target_blank"`
}

// Settings are the same in Grafana's own words
// (public/app/plugins/datasource/loki/types.ts).
func (l *Loki) Settings() map[string]any {
	made := settings{}
	if l == nil {
		return made
	}
	if l.MaxLines != nil {
		made["maxLines"] = float64(*l.MaxLines)
	}
	fields := []any{}
	for _, field := range l.DerivedFields {
		if field.State != "absent" {
			fields = append(fields, field.settings())
		}
	}
	if len(fields) > 0 {
		made[DerivedFields] = fields
	}
	return made
}

// RemovedField is a derived field to remove: what this collection has set under
// the name, and with Matcher that of anybody.
type RemovedField struct{ Name, Matcher string }

// RemovedFields are those that the task wants removed.
func (l *Loki) RemovedFields() []RemovedField {
	var all []RemovedField
	if l == nil {
		return all
	}
	for _, field := range l.DerivedFields {
		if field.State == "absent" {
			all = append(all, RemovedField{Name: field.Name, Matcher: field.MatcherRegex}, RemovedField{Name: besides(field.Name)})
		}
	}
	return all
}

func (f DerivedField) settings() map[string]any {
	made := settings{"name": f.Name, "matcherRegex": f.matcher()}
	made.set("matcherType", f.MatcherType).set("datasourceUid", f.DatasourceUID)
	made.set("urlDisplayLabel", f.URLDisplayLabel).set("targetBlank", f.TargetBlank)
	switch {
	case f.URL != nil:
		made["url"] = *f.URL
	case f.DatasourceUID != nil:
		made["url"] = "${__value.raw}"
	}
	return made
}

// matcher is the regular expression. For a JSON log line it finds the field's
// value, as the seed procedure does; for labels it is the name that Loki's json
// parser gives the field.
func (f DerivedField) matcher() string {
	switch {
	case f.MatcherRegex != "":
		return f.MatcherRegex
	case f.MatcherType != nil && *f.MatcherType == "label":
		return alternatives(f.TraceIDField, func(name string) string { return notInLabels.Get().ReplaceAllString(name, "_") })
	}
	return `"` + alternatives(f.TraceIDField, regexp.QuoteMeta) + `":"(\w+)"`
}

// alternatives is an expression for any of the names.
func alternatives(names []string, write func(string) string) string {
	written := make([]string, len(names))
	for i, name := range names {
		written[i] = write(name)
	}
	if len(written) == 1 {
		return written[0]
	}
	return "(?:" + strings.Join(written, "|") + ")"
}

// notInLabels is what Loki replaces in label names (pkg/logql/log/parser.go).
var notInLabels = lazyregexp.Regexp{Expr: `[^a-zA-Z0-9_]`}

// Looking are the derived fields of settings; those of which the task names only the
// field of the line look for a trace ID in another way: by a label, or by an
// expression for the line. One whose name somebody else's field has taken gets a
// name of its own.
func (l *Loki) Looking(settings map[string]any, kind, expression string, taken func(field any) bool) []any {
	made := []any{}
	for _, item := range listOf(settings[DerivedFields]) {
		field, _ := item.(map[string]any)
		if l.named(nameOf(field)) {
			field = Merge(field, map[string]any{"matcherType": kind, "matcherRegex": expression})
		}
		if taken(field) {
			field = Merge(field, map[string]any{"name": besides(nameOf(field))})
		}
		made = append(made, field)
	}
	return made
}

// besides is the name of a field beside somebody else's of the first name.
func besides(name string) string { return name + " (Tempo)" }

// named reports a field that the task describes by the name in the line alone.
func (l *Loki) named(name string) bool {
	for _, field := range l.DerivedFields {
		if field.Name == name && field.State != "absent" {
			return field.MatcherRegex == "" && field.MatcherType == nil
		}
	}
	return false
}

// LooksFor reports whether a derived field of settings looks for a label.
func LooksFor(settings map[string]any, label string) bool {
	for _, item := range listOf(settings[DerivedFields]) {
		if id := idOf(item); id.kind == "label" && id.matcher == label {
			return true
		}
	}
	return false
}

// Sample runs the derived fields of settings that the task names on a log line:
// name to what was found. Nil without a line or fields.
func (l *Loki) Sample(line string, settings map[string]any) (map[string]any, error) {
	if line == "" || l == nil {
		return nil, nil
	}
	found, tried := map[string]any{}, []string{}
	for _, item := range listOf(settings[DerivedFields]) {
		field, _ := item.(map[string]any)
		name, matcher := Text(field["name"]), Text(field["matcherRegex"])
		if !l.names(name) || Text(field["matcherType"]) == "label" {
			continue
		}
		// Grafana's expressions are JavaScript's; what Go does not know of them
		// cannot be tried here.
		expression, err := regexp.Compile(matcher)
		if err != nil {
			continue
		}
		tried = append(tried, name+" ("+matcher+")")
		if groups := expression.FindStringSubmatch(line); len(groups) > 1 {
			found[name] = groups[1]
		}
	}
	if len(tried) > 0 && len(found) == 0 {
		return nil, fault.New(fault.Usage, "give the field's name in trace_id_field as it is in the line, or another matcher_regex",
			"find a trace ID in sample_log_line: no derived field matches: %s", strings.Join(tried, ", "))
	}
	return found, nil
}

func (l *Loki) names(name string) bool {
	for _, field := range l.DerivedFields {
		if field.Name == name && field.State != "absent" {
			return true
		}
	}
	return false
}

// Text is a string among settings, "" for anything else.
func Text(value any) string {
	plain, _ := value.(string)
	return plain
}

func listOf(value any) []any {
	list, _ := value.([]any)
	return list
}
