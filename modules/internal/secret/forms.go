// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// escaped are forms that a program may encode further, where they differ from
// the value: JSON with and without its escapes for HTML, XML and HTML, the two
// of URLs, and UTF-8 that was read as Latin-1.
func escaped(value string) []string {
	if len(value) > longest {
		return nil
	}
	forms := []string{
		htmlJSON(value), unescapedJSON(value), url.QueryEscape(value), url.PathEscape(value), escapedXML(value),
		html.EscapeString(value), latin(value),
	}
	slices.Sort(forms)
	return slices.DeleteFunc(slices.Compact(forms), func(form string) bool { return form == value })
}

func htmlJSON(value string) string {
	quoted, _ := json.Marshal(value) // a string always encodes
	return string(quoted[1 : len(quoted)-1])
}

func unescapedJSON(value string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	return strings.TrimSuffix(strings.TrimPrefix(out.String(), `"`), "\"\n")
}

func escapedXML(value string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(value)) // a Builder takes all
	return out.String()
}

// latin is UTF-8 as a server shows it that takes headers for Latin-1.
func latin(value string) string {
	runes := make([]rune, 0, len(value))
	for _, one := range []byte(value) {
		runes = append(runes, rune(one))
	}
	return string(runes)
}

// wide are the bytes of a value in UTF-16 of both orders, as programs of Windows
// write it. The zero byte at the end of one and the beginning of the other is left
// out. JSON puts a mark for each byte that is not UTF-8, so such a form is another.
func wide(value string) []string {
	if len(value) > longest {
		return nil
	}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(value)) {
		little = binary.LittleEndian.AppendUint16(little, unit)
		big = binary.BigEndian.AppendUint16(big, unit)
	}
	forms := []string{strings.TrimSuffix(string(little), "\x00"), strings.TrimPrefix(string(big), "\x00")}
	for _, form := range forms {
		forms = append(forms, string([]rune(form)))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// counted are the bytes of a value as programs print bytes: in hexadecimal, with
// spaces, colons or 0x, and as lists of numbers (fmt's %x, % x, %v and %#v of a
// []byte).
func counted(value string) []string {
	if len(value) > longest {
		return nil
	}
	raw := []byte(value)
	numbers := strings.Trim(fmt.Sprintf("%d", raw), "[]")
	spaced := fmt.Sprintf("% x", raw)
	return []string{
		hex.EncodeToString(raw), fmt.Sprintf("%X", raw), spaced, strings.ToUpper(spaced), fmt.Sprintf("% #x", raw),
		strings.ReplaceAll(spaced, " ", ":"), strings.ReplaceAll(strings.ToUpper(spaced), " ", ":"),
		numbers, strings.ReplaceAll(numbers, " ", ","), strings.ReplaceAll(numbers, " ", ", "),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", raw), "[]byte{"), "}"),
	}
}
