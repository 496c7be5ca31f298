// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// Masked returns a copy of a JSON-like value as it may be printed. Hidden stands
// for each text and number under a sensitive key (see Sensitive), in lists and
// maps below it too, for the value of a pair whose name is sensitive, for the
// data of Secrets, and for what shows by itself: private keys, logins in URLs,
// arguments such as --password=x, settings in a text of YAML, JSON or lines, and
// for headers with which Traefik exports spans. Booleans, empty texts, and what names a Secret or an entry of it stay.
func Masked(value any) any { return (&masker{}).value(value, open) }

// Within collects what Masked would hide, but for the data of Secrets and for
// headers of Traefik under keys that are not sensitive: much of that is no secret,
// and words such as a namespace or a tenant would be hidden everywhere.
func Within(value any) []Text {
	m := masker{collects: true}
	m.value(value, open)
	return m.found
}

// masker goes through a value and remembers what it hides.
type masker struct {
	found    []Text
	collects bool
	// path are the keys down to the value, with dots.
	path string
}

// hide takes a secret and returns its mark. What is a mark already stays.
func (m *masker) hide(secret string) string {
	if strings.HasPrefix(secret, Hidden) {
		return secret
	}
	m.found = append(m.found, NewText(secret))
	if secret == "" {
		return ""
	}
	return Hidden
}

// value masks a value that is under a key of this grade.
func (m *masker) value(value any, under grade) any {
	switch v := value.(type) {
	case string:
		if (under >= text || under == several && !isNumber(v) && !isPath(v)) && !boolean(v) {
			return m.hide(v)
		}
		return m.text(v)
	case map[string]any, map[string]string:
		return m.fields(fieldsOf(v), under)
	case []any, []string, []map[string]any:
		return m.list(itemsOf(v), under)
	}
	if typed := digits(value); under == deep && typed != "" {
		return m.hide(typed)
	}
	return value
}

// boolean reports whether a text is a switch, as environment variables have
// them, or what Traefik's access log does with a header of that name (traefik
// pkg/types/logs.go, AccessLogKeep).
func boolean(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "keep", "drop", "redact":
		return true
	}
	return false
}

func (m *masker) fields(fields map[string]any, under grade) map[string]any {
	clean := make(map[string]any, len(fields))
	above := m.path
	for key, item := range fields {
		m.path = above + key + "."
		clean[key] = m.value(item, m.below(fields, key, under))
	}
	m.path = above
	return clean
}

// below is the grade of a field: its own, or what the key above passes on.
func (m *masker) below(fields map[string]any, key string, under grade) grade {
	own := m.gradeOf(key, m.path)
	if own == text && (isPath(fields[key]) || isMap(fields[key]) && under != deep) {
		return open
	}
	switch {
	case (key == "data" || key == "stringData") && fields["kind"] == "Secret" && !m.collects:
		return deep
	case values[strings.ToLower(key)] && gradeOf(nameIn(fields)) >= text:
		return deep
	case (under == deep || under == inside || under == several) && !harmless(fields, key):
		return deep
	}
	return own
}

// values are keys of the value in a pair, in lower case.
var values = map[string]bool{"value": true, "values": true, "val": true, "stringvalue": true, "content": true, "text": true, "default": true}

// nameIn is the name of a pair, as environment variables, headers and parameters
// have it.
func nameIn(fields map[string]any) string {
	for _, key := range []string{
		"name", "key", "header", "variable", "Name", "Key", "parameter", "param", "var", "field", "property", "option", "setting", "id",
	} {
		if name, isText := fields[key].(string); isText {
			return name
		}
	}
	return ""
}

// tails are the last words of keys that say where a secret is, or how it is
// used, in a map under a sensitive key.
var tails = map[string]bool{
	"name": true, "names": true, "namespace": true, "ref": true, "refs": true, "file": true, "path": true, "kind": true, "version": true,
	"optional": true, "enabled": true, "create": true, "type": true, "mode": true, "audience": true, "seconds": true, "ttl": true,
	"user": true, "username": true, "annotations": true, "labels": true,
}

func harmless(fields map[string]any, key string) bool {
	parts := partsOf(key)
	if len(parts) == 0 {
		return false
	}
	if key == "key" {
		return fields["name"] != nil || fields["path"] != nil
	}
	return tails[parts[len(parts)-1]] || strings.HasPrefix(strings.ToLower(key), "existing")
}

func isMap(value any) bool {
	_, ok := value.(map[string]any)
	return ok
}

// isPath reports whether a value is the absolute path of a file.
func isPath(value any) bool {
	path, _ := value.(string)
	return strings.HasPrefix(path, "/") && !strings.ContainsAny(path, "\n+=:")
}

// list masks the items of a list, and the argument after one such as --token.
func (m *masker) list(items []any, under grade) []any {
	if under == inside || under == several {
		under = deep
	}
	clean := make([]any, len(items))
	spoken := spoken(items)
	flag := false
	for i, item := range items {
		argument, isText := item.(string)
		if word := spoken[i]; word != "" {
			clean[i] = strings.Replace(argument, word, m.hide(word), 1)
		} else if flag && isText && !strings.HasPrefix(argument, "-") {
			clean[i] = m.hide(argument)
		} else {
			clean[i] = m.value(item, under)
		}
		flag = isText && strings.HasPrefix(argument, "-") && Sensitive(argument) && !strings.ContainsAny(argument, "= :")
	}
	return clean
}
