// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// settings masks the values after sensitive keys in one line.
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
		if !m.secretSetting(lastWord(one[:end-1]), one[from:to]) {
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
func (m *masker) secretSetting(key, value string) bool {
	found := m.gradeOf(key, key+".")
	if value == "" || boolean(value) || strings.HasPrefix(value, Hidden) {
		return false
	}
	return found == deep || found == several && !isNumber(value) && !isPath(value) || found == text && value[0] != '{' && value[0] != '[' && !isPath(value)
}

// lastWord is the key at the end of a text, without quotes.
func lastWord(before string) string {
	before = strings.TrimRight(before, "\"' \t:") // := too
	begin := strings.LastIndexFunc(before, func(r rune) bool {
		return !strings.ContainsRune("_.-", r) && (r >= 0x80 || !isLetter(byte(r)) && !isDigit(byte(r)))
	})
	return before[begin+1:]
}

// valueIn finds the value after the sign that ends at this place: what is in
// quotes, one or three, else the rest of the line where the key begins it, else up to the next
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
		quotes := rest[:1]
		if triple := strings.Repeat(quotes, 3); strings.HasPrefix(rest, triple) {
			quotes = triple
		}
		if closing := strings.Index(rest[len(quotes):], quotes); closing >= 0 {
			return from + len(quotes), from + len(quotes) + closing
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
