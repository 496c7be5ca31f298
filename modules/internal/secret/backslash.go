// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// letters are the escapes of one letter in JSON, YAML, Go and C.
var letters = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f", 'v': "\v", 'a': "\a", 'e': "\x1b", '0': "\x00"}

// deepest is how many backslashes are read as one escape: a text that was quoted
// four times has eight for one.
const deepest = 16

// backslash reads an escape. Each round of quoting doubles the backslashes, so
// any number of them may begin one.
func backslash(all []reading, rest string) []reading {
	run := 0
	for run < len(rest) && run < deepest && rest[run] == '\\' {
		run++
	}
	for width := 2; width <= run; width *= 2 {
		all = append(all, reading{`\`, width})
	}
	if run == len(rest) {
		return all
	}
	tail := rest[run:]
	if text, ok := letters[tail[0]]; ok {
		all = append(all, reading{text, run + 1})
	}
	if tail[0] == 'n' || tail[0] == 'r' {
		blank := len(tail[1:]) - len(strings.TrimLeft(tail[1:], " "))
		all = append(all, reading{"", run + 1}, reading{"", run + 1 + blank})
	}
	return escape(all, tail, run)
}

// escape reads what follows the backslashes.
func escape(all []reading, tail string, run int) []reading {
	switch c := tail[0]; {
	case c == 'x':
		return hexadecimal(all, tail, run)
	case c == 'u':
		return unicode(all, tail, run)
	case c == 'U':
		if value, ok := number(tail[1:], 8, 16); ok {
			all = append(all, reading{string(rune(value)), run + 9})
		}
	case c >= '0' && c <= '3':
		if value, ok := number(tail, 3, 8); ok {
			all = append(all, reading{string([]byte{byte(value)}), run + 3})
		}
	case c == '\n' || c == '\r':
		return append(all, reading{"", run + continued(tail)})
	case c < 'A' || c > 'z':
		all = append(all, reading{tail[:1], run + 1})
	case strings.IndexByte("[]^_`", c) >= 0:
		all = append(all, reading{tail[:1], run + 1})
	}
	return all
}

// hexadecimal reads \xXX, which is a byte in Go and a character in YAML and
// Python.
func hexadecimal(all []reading, tail string, run int) []reading {
	value, ok := number(tail[1:], 2, 16)
	if !ok {
		return all
	}
	return append(all, reading{string([]byte{byte(value)}), run + 3}, reading{string(rune(value)), run + 3})
}

// unicode reads \uXXXX, and two of them that make one character of UTF-16.
func unicode(all []reading, tail string, run int) []reading {
	high, ok := number(tail[1:], 4, 16)
	if !ok {
		return all
	}
	all = append(all, reading{string(rune(high)), run + 5})
	second := strings.TrimLeft(tail[5:], `\`)
	if !strings.HasPrefix(second, "u") {
		return all
	}
	low, ok := number(second[1:], 4, 16)
	if pair := utf16.DecodeRune(rune(high), rune(low)); ok && pair != '\uFFFD' {
		all = append(all, reading{string(pair), run + len(tail) - len(second) + 5})
	}
	return all
}

// continued is the length of a line break that a backslash takes away, with the
// indentation after it and the backslash that ends that.
func continued(tail string) int {
	rest := strings.TrimLeft(tail, "\r\n\t ")
	if behind := strings.TrimLeft(rest, `\`); behind != rest && strings.HasPrefix(behind, " ") {
		rest = behind
	}
	return len(tail) - len(rest)
}

// number reads digits of a base.
func number(text string, digits, base int) (uint64, bool) {
	if digits == 0 || len(text) < digits {
		return 0, false
	}
	value, err := strconv.ParseUint(text[:digits], base, 32)
	return value, err == nil
}
