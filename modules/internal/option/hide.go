// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/secret"
)

// hide records the secrets of a value: all of it if the row is Secret, else what
// is under sensitive keys of a free-form map. A suboption's own row says whether
// it is secret, whatever its name.
func (r *reader) hide(row Option, value any) {
	if row.Hides != nil {
		r.secrets = append(r.secrets, row.Hides(value)...)
	}
	if row.Type == Path {
		r.secrets = append(r.secrets, contents(row, value)...)
	}
	if row.Secret {
		r.secrets = append(r.secrets, texts(value)...)
		return
	}
	r.secrets = append(r.secrets, secret.Within(withoutRows(row, value))...)
}

// contents is the text that was given instead of a path, also if it is not
// clearly a path.
func contents(row Option, value any) []secret.Text {
	text, isText := value.(string)
	if !isText || text == "" || IsPath(text) && (!row.Inline || surelyPath(text)) {
		return nil
	}
	return []secret.Text{secret.NewText(text), secret.NewText(Decoded(text))}
}

// withoutRows drops the keys that have their own row. The items of a list are
// read one by one later.
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

// texts are the strings and numbers in a value that is all secret.
func texts(value any) []secret.Text {
	var all []secret.Text
	switch v := value.(type) {
	case string:
		return []secret.Text{secret.NewText(v)}
	case map[string]any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	default:
		return secret.Numbers(v)
	}
	return all
}
