// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// The API server shows a value of the wrong type in Go's form
// (structured-merge-diff/v6, typed/helpers.go).
var (
	goValue = lazyregexp.Regexp{Expr: `&?value\.\w+\{Value:(.*)\}`}
	goTypes = lazyregexp.Regexp{Expr: `, got (map\[string\]interface \{\}|\[\]interface \{\}|&)\{.*\}`}
	inWords = map[string]string{"map[string]interface {}": "a map", "[]interface {}": "a list", "&": "something else"}
)

// mistyped is the fault for a manifest that does not match its kind's schema.
func mistyped(doing string, err error) error {
	text := goValue.Get().ReplaceAllString(err.Error(), "$1")
	text = goTypes.Get().ReplaceAllStringFunc(text, func(found string) string {
		return ", got " + inWords[goTypes.Get().FindStringSubmatch(found)[1]]
	})
	hint := asItsType
	if strings.Contains(text, "field not declared in schema") && !strings.Contains(text, "expected ") {
		hint = "this kind has no such field: check how it is spelled and how far it is indented (kubectl explain KIND --recursive)"
	}
	if strings.Contains(text, "duplicate entries for key") {
		hint = "keep one of the items of that list that have this key: the last is the one that counted with kubectl apply"
	}
	return fault.Wrap(fault.Rejected, hint, doing, &reworded{text, err})
}

const asItsType = "give the field a value of its type: YAML makes numbers of digits and booleans of words such as yes, so put them in quotes where a string is expected"

// decoding matches the API server's error for a value its types cannot hold
// (apimachinery, pkg/runtime/serializer/json; encoding/json, UnmarshalTypeError).
var decoding = lazyregexp.Regexp{Expr: `(\w+) in version "[^"]*" cannot be handled as an? \w+: (?:strict decoding error: )?json: cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type (\S+?)(;|$|\s)`}

// jsonTypes are encoding/json's names of values, goTypesOf of its target types.
var (
	jsonTypes = map[string]string{"bool": "a boolean", "number": "a number", "string": "a string", "object": "a dictionary", "array": "a list"}
	goTypesOf = map[string]string{"string": "a string", "bool": "a boolean", "int": "a whole number", "int32": "a whole number", "int64": "a whole number"}
)

// undecoded is the fault for a value that its object's kind cannot hold, nil for any
// other. Helm joins those of several objects into one text.
func undecoded(doing string, err error) error {
	text := err.Error()
	if !decoding.Get().MatchString(text) {
		return nil
	}
	text = decoding.Get().ReplaceAllStringFunc(text, func(found string) string {
		part := decoding.Get().FindStringSubmatch(found)
		wanted := goTypesOf[part[4]]
		switch {
		case wanted != "":
		case strings.HasPrefix(part[4], "[]"):
			wanted = "a list"
		default:
			wanted = "a dictionary"
		}
		return part[1] + ": " + part[3] + " must be " + wanted + ", and is " + jsonTypes[part[2]] + part[5]
	})
	return fault.Wrap(fault.Rejected, asItsType, doing, &reworded{text, err})
}
