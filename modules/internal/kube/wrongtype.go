// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// The API server shows a value of the wrong type as Go does
// (structured-merge-diff/v6, typed/helpers.go).
var (
	goValue = lazyregexp.Regexp{Expr: `&?value\.\w+\{Value:(.*)\}`}
	goTypes = lazyregexp.Regexp{Expr: `, got (map\[string\]interface \{\}|\[\]interface \{\}|&)\{.*\}`}
	inWords = map[string]string{"map[string]interface {}": "a map", "[]interface {}": "a list", "&": "something else"}
)

// mistyped is the fault of a manifest that does not fit the schema of its kind.
func mistyped(doing string, err error) error {
	text := goValue.Get().ReplaceAllString(err.Error(), "$1")
	text = goTypes.Get().ReplaceAllStringFunc(text, func(found string) string {
		return ", got " + inWords[goTypes.Get().FindStringSubmatch(found)[1]]
	})
	hint := "give the field a value of its type: YAML makes numbers of digits and booleans of words such as yes, so put them in quotes where a string is expected"
	if strings.Contains(text, "field not declared in schema") && !strings.Contains(text, "expected ") {
		hint = "this kind has no such field: check how it is spelled and how far it is indented (kubectl explain KIND --recursive)"
	}
	return fault.Wrap(fault.Rejected, hint, doing, &told{text, err})
}
