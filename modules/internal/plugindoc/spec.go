// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
)

// indent is one level of indentation in Python.
const indent = "    "

// spec is the content of an argument_spec, indented to a depth.
func spec(rows []option.Option, depth int) string {
	var out strings.Builder
	for _, row := range rows {
		items := arguments(row)
		if row.Suboptions != nil {
			items = append(items, python("options")+": {\n"+spec(row.Suboptions, depth+2)+strings.Repeat(indent, depth+2)+"}")
		}
		out.WriteString(bracketed(depth+1, python(row.Name)+": {", items, "}"))
	}
	return out.String()
}

func arguments(row option.Option) []string {
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
	return items
}

// looksSecret reports names about which Ansible warns unless no_log is set
// either way (ansible-core, module_utils/common/parameters.py, PASSWORD_MATCH).
func looksSecret(name string) bool {
	return slices.ContainsFunc([]string{"pass", "secret", "token", "cryptkey", "key"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// rules are the argument spec's rules between options, each on one line if it
// fits.
func rules(table option.Table) string {
	return rule("required_if", conditions(table.RequiredIf)) + rule("required_together", lists(table.RequiredTogether)) +
		rule("required_one_of", lists(table.RequiredOneOf)) + rule("mutually_exclusive", lists(table.MutuallyExclusive))
}

func rule(name string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return bracketed(2, name+"=[", items, "]")
}

func conditions(list []option.RequiredIf) []string {
	var items []string
	for _, rule := range list {
		item := []any{rule.Option, rule.Value, rule.Needs}
		if rule.Any {
			item = append(item, true)
		}
		items = append(items, python(item))
	}
	return items
}

func lists(groups [][]string) []string {
	var items []string
	for _, group := range groups {
		items = append(items, python(group))
	}
	return items
}
