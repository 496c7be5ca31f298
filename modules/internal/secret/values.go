// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// fieldsOf and itemsOf are maps and lists of any type that is masked; nil for
// anything else.
func fieldsOf(value any) map[string]any {
	texts, ofTexts := value.(map[string]string)
	if !ofTexts {
		fields, _ := value.(map[string]any)
		return fields
	}
	fields := make(map[string]any, len(texts))
	for key, item := range texts {
		fields[key] = item
	}
	return fields
}

func itemsOf(value any) []any {
	switch v := value.(type) {
	case []any:
		return v
	case []string:
		return listed(v)
	case []map[string]any:
		return listed(v)
	}
	return nil
}

func listed[T any](list []T) []any {
	items := make([]any, len(list))
	for i, item := range list {
		items[i] = item
	}
	return items
}

// Numbers are the ways in which a number is written, none for anything else:
// programs print large ones with an exponent.
func Numbers(value any) []Text {
	digits := digits(value)
	if digits == "" {
		return nil
	}
	written := []Text{NewText(digits)}
	if number, err := strconv.ParseFloat(digits, 64); err == nil {
		written = append(written, NewText(fmt.Sprint(number)), NewText(fmt.Sprintf("%e", number)))
	}
	return written
}

// digits is a number as it is typed, "" for anything else.
func digits(value any) string {
	switch v := value.(type) {
	case int, int32, int64, uint64, json.Number:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
