// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
)

// indent is one level of Python's.
const indent = "    "

// spec is the inside of an argument_spec at a depth of indents.
func spec(rows []option.Option, depth int) string {
	var out strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&out, "%s%q: {%s},\n", strings.Repeat(indent, depth+1), row.Name, arguments(row, depth+1))
	}
	return out.String()
}

func arguments(row option.Option, depth int) string {
	items := []string{pair("type", ansibleType(row.Type))}
	add := func(given bool, key string, value any) {
		if given {
			items = append(items, pair(key, value))
		}
	}
	add(row.Type == option.List, "elements", elements(row))
	add(row.Required, "required", true)
	add(row.Default != nil, "default", row.Default)
	add(row.Choices != nil, "choices", row.Choices)
	add(row.Aliases != nil, "aliases", row.Aliases)
	add(row.Secret || looksSecret(row.Name), "no_log", row.Secret)
	if row.Suboptions != nil {
		items = append(items, fmt.Sprintf("\"options\": {\n%s%s}", spec(row.Suboptions, depth), strings.Repeat(indent, depth)))
	}
	return strings.Join(items, ", ")
}

// looksSecret tells names for which Ansible warns unless no_log is set either
// way (ansible-core, module_utils/common/parameters.py, PASSWORD_MATCH).
func looksSecret(name string) bool {
	return slices.ContainsFunc([]string{"pass", "secret", "token", "cryptkey", "key"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

func pair(key string, value any) string { return fmt.Sprintf("%q: %s", key, python(value)) }

// python writes a plain value as a Python literal. JSON's is the same but for
// the three words.
func python(value any) string {
	switch v := value.(type) {
	case bool:
		return strings.ToUpper(fmt.Sprint(v)[:1]) + fmt.Sprint(v)[1:]
	case fmt.Stringer:
		return fmt.Sprintf("%q", v.String())
	}
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("default %T has no Python form", value))
	}
	return string(data)
}

// rules are the argument spec's rules between options, a line each.
func rules(table option.Table) string {
	var out strings.Builder
	write := func(name string, given bool, literal string) {
		if given {
			fmt.Fprintf(&out, "%s%s=%s,\n", strings.Repeat(indent, 2), name, literal)
		}
	}
	write("required_if", len(table.RequiredIf) > 0, conditions(table.RequiredIf))
	write("required_together", len(table.RequiredTogether) > 0, python(table.RequiredTogether))
	write("required_one_of", len(table.RequiredOneOf) > 0, python(table.RequiredOneOf))
	write("mutually_exclusive", len(table.MutuallyExclusive) > 0, python(table.MutuallyExclusive))
	return out.String()
}

func conditions(list []option.RequiredIf) string {
	var items []string
	for _, rule := range list {
		items = append(items, fmt.Sprintf("[%q, %s, %s]", rule.Option, python(rule.Value), python(rule.Needs)))
	}
	return "[" + strings.Join(items, ", ") + "]"
}
