// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/json"
	"slices"

	"github.com/picluster/tracing/modules/internal/secret"
)

// hide remembers the secrets of a value: all of it where the row is Secret,
// else what stands under sensitive keys of a free-form map. A suboption's own
// row says whether it is secret, whatever its name.
func (r *reader) hide(row Option, value any) {
	if row.Secret {
		r.secrets = append(r.secrets, texts(value)...)
		return
	}
	r.secrets = append(r.secrets, secret.Within(spelledOut(withoutRows(row, value)))...)
}

// spelledOut is a copy with each number as the text of its digits: a number too
// may be a password.
func spelledOut(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, item := range v {
			copied[key] = spelledOut(item)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = spelledOut(item)
		}
		return copied
	}
	return value
}

// withoutRows drops what the suboptions' rows decide about. The items of a list
// are read one by one later.
func withoutRows(row Option, value any) any {
	if row.Suboptions == nil {
		return value
	}
	fields, isMap := value.(map[string]any)
	if !isMap {
		return nil
	}
	rest := map[string]any{}
	for key, item := range fields {
		if !slices.Contains(names(row.Suboptions), key) {
			rest[key] = item
		}
	}
	return rest
}

func texts(value any) []secret.Text {
	switch v := value.(type) {
	case string:
		return []secret.Text{secret.NewText(v)}
	case json.Number:
		return []secret.Text{secret.NewText(v.String())}
	case map[string]any:
		var all []secret.Text
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	case []any:
		var all []secret.Text
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	}
	return nil
}
