// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// escapedVariable matches the escaped dollar of provisioning files where a
// variable follows: $${__value.raw}, $$__tags. Two dollars elsewhere, such as at
// the end of a regular expression, stay.
var escapedVariable = lazyregexp.Regexp{Expr: `\$\$(\{|[A-Za-z_])`}

// UnescapeVariables returns value with the variables in its strings as the API
// wants them, ${__value.raw}, whichever of the two forms they have.
func UnescapeVariables(value any) any {
	return mapped(value, func(text string) string { return escapedVariable.Get().ReplaceAllString(text, "$$$1") })
}

// Escape returns value in the API's form as a provisioning file has to hold
// it: Grafana expands $VAR and ${VAR} there and takes $$ for a dollar
// (grafana/grafana pkg/services/provisioning/values).
func Escape(value any) any {
	return mapped(value, escape)
}

func escape(text string) string { return strings.ReplaceAll(text, "$", "$$") }

func unescape(text string) string { return strings.ReplaceAll(text, "$$", "$") }

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
