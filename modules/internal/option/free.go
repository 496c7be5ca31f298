// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/json"
	"fmt"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// plain copies a free-form value with its numbers as int64 and float64. One
// that a float64, as which servers read it, cannot hold is a fault, named by
// its path.
func (r *reader) plain(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for _, key := range sortedKeys(v) {
			copied[key] = r.plain(name+step(key), v[key])
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = r.plain(fmt.Sprintf("%s[%d]", name, i), item)
		}
		return copied
	case json.Number:
		return r.plainNumber(name, v)
	}
	return value
}

func (r *reader) plainNumber(name string, digits json.Number) any {
	n, notInt := digits.Int64()
	if notInt == nil && n >= -exact && n <= exact {
		return n
	}
	f, err := finite(digits.String())
	switch {
	case err != nil:
		r.fault("%s %v", name, err)
	case whole.Get().MatchString(digits.String()):
		r.fault("%s has more digits than a number can hold: put it in quotes if it is text", name)
	}
	return f
}

var word = lazyregexp.Regexp{Expr: `^[\w-]+$`}

// step is a key as a part of a path.
func step(key string) string {
	if word.Get().MatchString(key) {
		return "." + key
	}
	return fmt.Sprintf("[%q]", key)
}

// texts reads a map of strings.
func (r *reader) texts(name string, row Option, fields map[string]any) map[string]any {
	read := make(map[string]any, len(fields))
	for _, key := range sortedKeys(fields) {
		text, err := onlyText(fields[key])
		if err == nil && row.Secret {
			err = LastLine(text.(string))
		}
		if err != nil {
			r.fault("%s%s %v", name, step(key), err)
			continue
		}
		read[key] = text
	}
	return read
}
