// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/json"
	"strings"

	"sigs.k8s.io/yaml"
)

// text masks what is secret in a text that is no secret as a whole.
func (m *masker) text(all string) string {
	if len(all) < shortest {
		return all
	}
	if masked, is := m.documents(all); is {
		return masked
	}
	return m.lines(m.shapes(all))
}

// documents masks a text that is a map or a list in YAML or JSON, as the values
// in a HelmChart are. It is written anew where there is something to hide; what
// its comments hold is hidden either way.
func (m *masker) documents(all string) (string, bool) {
	trimmed := strings.TrimSpace(all)
	flow := strings.HasPrefix(trimmed, "{") && strings.HasSuffix(trimmed, "}") || strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]")
	if !flow && (!strings.Contains(all, "\n") || strings.HasPrefix(trimmed, "[")) {
		return "", false
	}
	var parts []string
	for _, part := range strings.Split(all, "\n---\n") {
		masked, is := m.document(part)
		if !is {
			return "", false
		}
		parts = append(parts, masked)
	}
	return strings.Join(parts, "\n---\n"), true
}

func (m *masker) document(part string) (string, bool) {
	var tree any
	if yaml.Unmarshal([]byte(part), &tree) != nil {
		return "", false
	}
	switch tree.(type) {
	case map[string]any, []any:
	default:
		return "", false
	}
	before := len(m.found)
	masked := m.value(tree, open)
	if len(m.found) == before {
		return m.comments(m.shapes(part)), true
	}
	write := yaml.Marshal
	if json.Valid([]byte(part)) {
		write = json.Marshal
	}
	out, err := write(masked)
	return string(out), err == nil
}

// comments masks settings that are commented out.
func (m *masker) comments(part string) string {
	var out strings.Builder
	for one := range strings.Lines(part) {
		if at := strings.IndexByte(one, '#'); at >= 0 {
			one = one[:at+1] + m.settings(one[at+1:])
		}
		out.WriteString(one)
	}
	return out.String()
}

// lines masks settings in text that is no YAML: KEY=value, "key: value",
// --key=value, and what is indented beneath a sensitive key.
func (m *masker) lines(all string) string {
	if !strings.ContainsAny(all, "=:") {
		return all
	}
	var out strings.Builder
	beneath := -1
	for one := range strings.Lines(all) {
		content := strings.TrimLeft(one, " \t")
		indent := len(one) - len(content)
		if beneath >= 0 && indent > beneath && strings.TrimSpace(content) != "" {
			out.WriteString(one[:indent] + m.hide(strings.TrimSpace(content)) + "\n")
			continue
		}
		beneath = -1
		if heading(content) {
			beneath = indent
			out.WriteString(one)
			continue
		}
		out.WriteString(m.settings(one))
	}
	return out.String()
}

// heading reports whether a line is a sensitive key whose value is beneath it.
func heading(content string) bool {
	key, rest, found := strings.Cut(strings.TrimSpace(content), ":")
	return found && gradeOf(strings.Trim(key, `"'- `)) == deep && strings.Trim(rest, " |>-+0123456789") == ""
}

// settings masks the values behind sensitive keys in one line.
func (m *masker) settings(one string) string {
	var out strings.Builder
	for at := 0; ; {
		sign := strings.IndexAny(one[at:], "=:")
		if sign < 0 {
			out.WriteString(one[at:])
			return out.String()
		}
		end := at + sign + 1
		from, to := valueIn(one, end)
		if !secretSetting(lastWord(one[:end-1]), one[from:to]) {
			out.WriteString(one[at:end])
			at = end
			continue
		}
		out.WriteString(one[at:from] + m.hide(one[from:to]))
		at = to
	}
}

// secretSetting reports whether to hide a value; groups of settings and switches
// are none.
func secretSetting(key, value string) bool {
	found := gradeOf(key)
	if value == "" || boolean(value) || strings.HasPrefix(value, Hidden) {
		return false
	}
	return found == deep || found == text && value[0] != '{' && value[0] != '[' && !isPath(value)
}

// lastWord is the key at the end of a text, without quotes.
func lastWord(before string) string {
	before = strings.TrimRight(before, "\"' \t")
	begin := strings.LastIndexFunc(before, func(r rune) bool {
		return !strings.ContainsRune("_.-", r) && (r >= 0x80 || !isLetter(byte(r)) && !isDigit(byte(r)))
	})
	return before[begin+1:]
}

// valueIn finds the value behind the sign that ends at this place: what is in
// quotes, else the rest of the line where the key begins it, else up to the next
// space or separator.
func valueIn(one string, end int) (from, to int) {
	rest := strings.TrimLeft(one[end:], " \t")
	from = len(one) - len(rest)
	rest = strings.TrimRight(rest, " \t\r\n")
	colon := one[end-1] == ':'
	switch {
	case rest == "" || colon && from == end && rest[0] != '"' && rest[0] != '\'':
		return from, from
	case rest[0] == '"' || rest[0] == '\'':
		if closing := strings.IndexByte(rest[1:], rest[0]); closing >= 0 {
			return from + 1, from + 1 + closing
		}
	case colon:
		return from, from + len(strings.TrimRight(rest, ",}"))
	case !begins(one[:end-1]):
		return from, from + separated(rest)
	}
	return from, from + len(rest)
}

// begins reports whether a key is the first word of its line, as in files of
// settings and in arguments.
func begins(before string) bool {
	before = strings.TrimPrefix(strings.TrimLeft(before, " \t-#;\"'"), "export ")
	return !strings.ContainsAny(strings.TrimRight(before, " \t"), " \t=&;,?")
}

// separated is the length of a value that others follow.
func separated(rest string) int {
	begin := 0
	for _, scheme := range []string{"Bearer ", "Basic "} {
		if strings.HasPrefix(rest, scheme) {
			begin = len(scheme)
		}
	}
	if stop := strings.IndexAny(rest[begin:], " \t&,;\"'"); stop >= 0 {
		return begin + stop
	}
	return len(rest)
}
