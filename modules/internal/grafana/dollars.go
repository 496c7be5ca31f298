// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"regexp"
	"strings"
)

// doubled matches the two dollars of provisioning files where a variable
// follows: $${__value.raw}, $$__tags. Two dollars elsewhere, such as at the end
// of a regular expression, stay.
var doubled = regexp.MustCompile(`\$\$(\{|[A-Za-z_])`)

// APIForm returns value with the variables in its strings as the API wants
// them, ${__value.raw}, whichever of the two forms they have.
func APIForm(value any) any {
	return mapped(value, func(text string) string { return doubled.ReplaceAllString(text, "$$$1") })
}

// FileForm returns value in the API's form as a provisioning file has to hold
// it: Grafana expands $VAR and ${VAR} there and takes $$ for a dollar
// (grafana/grafana pkg/services/provisioning/values).
func FileForm(value any) any {
	return mapped(value, func(text string) string { return strings.ReplaceAll(text, "$", "$$") })
}

// mapped returns a copy of value with each of its strings changed.
func mapped(value any, change func(string) string) any {
	switch v := value.(type) {
	case string:
		return change(v)
	case map[string]any:
		changed := make(map[string]any, len(v))
		for key, item := range v {
			changed[key] = mapped(item, change)
		}
		return changed
	case []any:
		changed := make([]any, len(v))
		for i, item := range v {
			changed[i] = mapped(item, change)
		}
		return changed
	}
	return value
}
