// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"reflect"
	"slices"

	"github.com/picluster/tracing/modules/internal/secret"
)

// entries are the fields of a Secret that hold what is secret.
var entries = []string{"data", "stringData"}

// redacted returns both sides of a difference as they may be printed.
func redacted(kind string, before, after any) (any, any) {
	if kind != "Secret" {
		return secret.MaskedPair(before, after)
	}
	oldFields, newFields := fieldsOf(before), fieldsOf(after)
	cleanBefore, cleanAfter := secret.MaskedPair(without(before, entries), without(after, entries))
	for _, entry := range entries {
		put(cleanBefore, entry, placeholders(oldFields[entry], newFields[entry], secret.Before))
		put(cleanAfter, entry, placeholders(newFields[entry], oldFields[entry], secret.After))
	}
	return cleanBefore, cleanAfter
}

// placeholders stand for the values of a Secret's data and still tell which of
// them change.
func placeholders(data, other any, changes string) map[string]any {
	all, others := map[string]any{}, fieldsOf(other)
	for key, value := range fieldsOf(data) {
		all[key] = changes
		if reflect.DeepEqual(value, others[key]) {
			all[key] = secret.Hidden
		}
	}
	return all
}

func fieldsOf(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

// without is a copy of a map without some keys; what is not a map stays.
func without(value any, keys []string) any {
	fields, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	rest := map[string]any{}
	for key, item := range fields {
		if !slices.Contains(keys, key) {
			rest[key] = item
		}
	}
	return rest
}

func put(value any, key string, placeholders map[string]any) {
	if fields, isMap := value.(map[string]any); isMap && len(placeholders) > 0 {
		fields[key] = placeholders
	}
}
