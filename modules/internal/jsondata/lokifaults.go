// SPDX-License-Identifier: AGPL-3.0-or-later

package jsondata

import "reflect"

// Faults lists what the option table cannot express.
func (l *Loki) Faults() []string {
	if l == nil {
		return nil
	}
	var texts []string
	for i, field := range l.DerivedFields {
		if field.State == "absent" {
			continue
		}
		switch {
		case field.MatcherRegex == "" && len(field.TraceIDField) == 0:
			texts = append(texts, "loki.derived_fields "+field.Name+" needs trace_id_field or matcher_regex")
		case field.MatcherRegex != "" && len(field.TraceIDField) > 0:
			texts = append(texts, "loki.derived_fields "+field.Name+" takes only one of trace_id_field, matcher_regex")
		}
		texts = append(texts, field.doubles(l.DerivedFields[:i])...)
	}
	return texts
}

// doubles is why a field has no effect after those before it. Several links of one
// name are right where they look for the same text and lead to different places;
// of different expressions Grafana uses the first one for all of the name
// (public/app/plugins/datasource/loki/getDerivedFields.ts).
func (f DerivedField) doubles(before []DerivedField) []string {
	for _, other := range before {
		if other.Name != f.Name || other.State == "absent" {
			continue
		}
		one, two := other.settings(), f.settings()
		if idOf(one) != idOf(two) {
			return []string{"loki.derived_fields has " + f.Name + " twice with different expressions, of which Grafana uses the first for both:" +
				" give all names in one trace_id_field, one matcher_regex for both, or another name"}
		}
		if reflect.DeepEqual(one, two) {
			return []string{"loki.derived_fields has " + f.Name + " twice: leave one of them out"}
		}
	}
	return nil
}
