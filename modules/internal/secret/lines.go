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
	if masked, ok := m.documents(all); ok {
		return masked
	}
	return m.lines(m.shapes(m.flags(all)))
}

// flags masks the word after one such as --password in a command.
func (m *masker) flags(all string) string {
	if !strings.Contains(all, " -") && !strings.HasPrefix(all, "-") {
		return all
	}
	words := strings.SplitAfter(all, " ")
	for i := range len(words) - 1 {
		flag, next := strings.TrimSpace(words[i]), strings.TrimSpace(words[i+1])
		if strings.HasPrefix(flag, "-") && Sensitive(flag) && !strings.ContainsAny(flag, "=:") && next != "" && next[0] != '-' {
			words[i+1] = strings.Replace(words[i+1], next, m.hide(next), 1)
		}
	}
	return strings.Join(words, "")
}

// documents masks a text that is a map or a list in YAML or JSON, as the values
// in a HelmChart are. It is rewritten where there is something to hide; what its
// comments hold is hidden either way.
func (m *masker) documents(all string) (string, bool) {
	trimmed := strings.TrimSpace(all)
	flow := strings.HasPrefix(trimmed, "{") && strings.HasSuffix(trimmed, "}") || strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]")
	if !flow && (!strings.Contains(all, "\n") || strings.HasPrefix(trimmed, "[")) {
		return "", false
	}
	var parts []string
	for _, part := range strings.Split(all, "\n---\n") {
		masked, ok := m.document(part)
		if !ok {
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
