// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// reading is one way to read a text at a place: width bytes of it stand for
// these bytes. A line break may stand for nothing.
type reading struct {
	bytes string
	width int
}

// special are the bytes at which a text can be read in more than one way. At
// escapes it can even begin with another byte than it has; white space, quotes
// and dollars begin with themselves.
var special, escapes = set("\\%+&=\r\n\t '\"$"), set(`\%+&=`)

func set(bytes string) (in [256]bool) {
	for _, c := range []byte(bytes) {
		in[c] = true
	}
	return in
}

// readings lists the ways to read a text at a place, the plain one first: the
// escapes of JSON, YAML, Go, C and shells, of URLs and of XML, doubled quotes and
// dollars, and lines that were broken, folded or joined.
func readings(text string, at int) []reading {
	all := append(make([]reading, 0, 8), reading{text[at : at+1], 1})
	rest := text[at:]
	switch text[at] {
	case '\\':
		return backslash(all, rest)
	case '%':
		return percent(all, rest)
	case '&':
		return entity(all, rest)
	case '+':
		return append(all, reading{" ", 1})
	case '=':
		return quotedPrintable(all, rest)
	case '\'', '"', '$':
		return doubled(all, rest)
	}
	return blank(all, rest)
}

// doubled reads a quote or a dollar that is written twice (YAML, CSV, Grafana's
// provisioning files), and a quote in a word of a shell, as Go's and Python's
// libraries write it. A quote that ends a line where the next begins with one joins
// the two, as in what Python prints.
func doubled(all []reading, rest string) []reading {
	one := rest[:1]
	for _, written := range []string{one + one, `'\''`, `'"'"'`} {
		if written[0] == one[0] && strings.HasPrefix(rest, written) {
			all = append(all, reading{one, len(written)})
		}
	}
	behind := strings.TrimLeft(rest[1:], " \t\r\n")
	if strings.HasPrefix(behind, one) && strings.Contains(rest[:len(rest)-len(behind)], "\n") {
		all = append(all, reading{"", len(rest) - len(behind) + 1})
	}
	return all
}

// blank reads white space: a line break with the space around it can be a
// break in the middle of a word, a space that was folded, or itself; a space can
// be a line break that was joined.
func blank(all []reading, rest string) []reading {
	width := len(rest) - len(strings.TrimLeft(rest, " \t\r\n"))
	if !strings.ContainsAny(rest[:width], "\r\n") {
		return append(all, reading{"\n", 1}, reading{"\n", width})
	}
	broken := len(rest) - len(strings.TrimLeft(strings.TrimLeft(rest, "\r\n"), " "))
	all = append(all, reading{"\n", width}, reading{" ", width}, reading{" ", broken})
	if strings.HasPrefix(rest, "\r\n") {
		all = append(all, reading{"\n", 2})
	}
	if rest[0] == '\r' || rest[0] == '\n' {
		all = append(all, reading{"", width})
	}
	return all
}

// percent reads %XX, also where the percent sign was encoded again or doubled (units
// of systemd, formats of C), and the plus sign that stands for a space.
func percent(all []reading, rest string) []reading {
	if strings.HasPrefix(rest, "%%") {
		all = append(all, reading{"%", 2})
	}
	for at := 1; ; at += 2 {
		value, ok := number(rest[at:], 2, 16)
		if ok {
			all = append(all, reading{string([]byte{byte(value)}), at + 2})
		}
		if value == '+' {
			all = append(all, reading{" ", at + 2})
		}
		if value != '%' {
			return all
		}
	}
}

// quotedPrintable reads =XX and a line that ends with =, as mails have them.
func quotedPrintable(all []reading, rest string) []reading {
	if value, ok := number(rest[1:], 2, 16); ok {
		all = append(all, reading{string([]byte{byte(value)}), 3})
	}
	for _, ending := range []string{"=\r\n", "=\n"} {
		if strings.HasPrefix(rest, ending) {
			all = append(all, reading{"", len(ending)})
		}
	}
	return all
}

// named are the entities that XML and HTML have for the characters of markup.
var named = []struct{ name, text string }{
	{"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}, {"quot;", `"`}, {"apos;", "'"}, {"nbsp;", " "},
}

// entity reads &name; and &#number;, also where the ampersand was escaped again.
func entity(all []reading, rest string) []reading {
	at := 1
	for strings.HasPrefix(rest[at:], "amp;") {
		all = append(all, reading{"&", at + 4})
		at += 4
	}
	for _, one := range named[1:] {
		if strings.HasPrefix(rest[at:], one.name) {
			all = append(all, reading{one.text, at + len(one.name)})
		}
	}
	end := strings.IndexByte(rest[at:], ';')
	if end < 2 || end > 10 || rest[at] != '#' {
		return all
	}
	digits, base := rest[at+1:at+end], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	if value, ok := number(digits, len(digits), base); ok {
		all = append(all, reading{string(rune(value)), at + end + 1})
	}
	return all
}
