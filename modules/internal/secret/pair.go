// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"reflect"
	"strings"
)

// MaskedPair is Masked for the two sides of a difference. A secret that is not
// the same on both sides is Before on the one and After on the other, so that a
// reader sees that something changes.
func MaskedPair(before, after any) (cleanBefore, cleanAfter any) {
	return marked(before, after, Masked(before), Masked(after))
}

// marked sets the marks in two masked values.
func marked(before, after, cleanBefore, cleanAfter any) (any, any) {
	switch was := cleanBefore.(type) {
	case string:
		is, isText := cleanAfter.(string)
		if isText && was == is && strings.Contains(was, Hidden) && !reflect.DeepEqual(before, after) {
			return strings.ReplaceAll(was, Hidden, Before), strings.ReplaceAll(is, Hidden, After)
		}
	case map[string]any:
		markFields(before, after, was, cleanAfter)
	case []any:
		markItems(before, after, was, cleanAfter)
	}
	return cleanBefore, cleanAfter
}

func markFields(before, after any, was map[string]any, cleanAfter any) {
	is, alsoMap := cleanAfter.(map[string]any)
	wasPlain, isPlain := fieldsOf(before), fieldsOf(after)
	if !alsoMap {
		return
	}
	for key := range was {
		if _, both := is[key]; both {
			was[key], is[key] = marked(wasPlain[key], isPlain[key], was[key], is[key])
		}
	}
}

func markItems(before, after any, was []any, cleanAfter any) {
	is, alsoList := cleanAfter.([]any)
	wasPlain, isPlain := itemsOf(before), itemsOf(after)
	if !alsoList || len(wasPlain) != len(was) || len(isPlain) != len(is) {
		return
	}
	for i := range min(len(was), len(is)) {
		was[i], is[i] = marked(wasPlain[i], isPlain[i], was[i], is[i])
	}
}
