// SPDX-License-Identifier: AGPL-3.0-or-later

package loglink

import (
	"maps"
	"slices"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/loki"
)

// longest bounds an expression that would never end.
const longest = time.Second

// Evaluate does with a line what Grafana does in the browser for a derived field
// (public/app/plugins/datasource/loki/getDerivedFields.ts). The version of Grafana
// may be "", for one that hides it.
func Evaluate(field map[string]any, line loki.Line, grafana string) (value string, found bool, err error) {
	expression, _ := field["matcherRegex"].(string)
	if field["matcherType"] != "label" {
		return first(expression, line.Text)
	}
	if grafana != "" && !compat.GrafanaHas(compat.LabelPattern, grafana) {
		value, found = line.Labels[expression]
		return value, found, nil
	}
	for _, name := range slices.Sorted(maps.Keys(line.Labels)) {
		match, err := run(expression, name)
		if match != nil || err != nil {
			return line.Labels[name], err == nil, err
		}
	}
	return "", false, nil
}

// first is the first group of an expression; without a group there is no value.
func first(expression, text string) (value string, found bool, err error) {
	match, err := run(expression, text)
	if err != nil || match == nil || match.GroupCount() < 2 {
		return "", false, err
	}
	value = match.GroupByNumber(1).String()
	return value, value != "", nil
}

// run runs a JavaScript expression, which may look ahead as Go's may not.
func run(expression, text string) (*regexp2.Match, error) {
	compiled, err := regexp2.Compile(expression, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	compiled.MatchTimeout = longest
	return compiled.FindStringMatch(text)
}

// Matching is the derived field as Grafana runs it: of several fields of one name
// the first one's expression is that of all.
func Matching(fields []any, at int) map[string]any {
	field, _ := fields[at].(map[string]any)
	of := slices.IndexFunc(fields, func(other any) bool {
		namesake, _ := other.(map[string]any)
		return namesake["name"] == field["name"]
	})
	first, _ := fields[of].(map[string]any)
	return first
}
