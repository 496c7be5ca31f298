// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// nested is how many encodings of a whole text around another are read.
const nested = 4

// encoded are the parts of a text that are a longer text in base64, hexadecimal,
// numbers or UTF-16, with a known secret in it: one that was escaped there, or is in
// a line of its own, is found by reading the whole alone.
func (r *Redactor) encoded(text string, depth int) (found []span) {
	if len(r.needles) == 0 || depth == nested {
		return nil
	}
	for _, one := range forms {
		for _, part := range one.parts(text) {
			for _, content := range one.read(text[part.from:part.to]) {
				if r.holds(content, depth) {
					found = append(found, part)
					break
				}
			}
		}
	}
	return found
}

func (r *Redactor) holds(content string, depth int) bool {
	if strings.HasPrefix(content, gzipped) {
		unpacked, whole := unpack(content)
		if !whole {
			return true // of a part nobody can say what it holds
		}
		content = unpacked
	}
	return len(r.spans(content)) > 0 || len(r.encoded(content, depth+1)) > 0
}

// form is a way to write a whole text: where it may be, and what it says there.
type form struct {
	parts func(text string) []span
	read  func(part string) []string
}

var forms = [...]form{{base64Parts, readBase64}, {hexParts, readHex}, {numberParts, readNumbers}, {wideParts, readWide}}

// runs are the parts of a text of at least least bytes that are all within a set.
func runs(text string, in *[256]bool, least int) (all []span) {
	for at := 0; at < len(text); at++ {
		from := at
		for at < len(text) && in[text[at]] {
			at++
		}
		if at-from >= least {
			all = append(all, span{from, at})
		}
	}
	return all
}

const digits10 = "0123456789"

var numerals = set(digits10 + ", []\n")

// numberParts are lists of at least eight numbers.
func numberParts(text string) []span { return runs(text, &numerals, 16) }

func readNumbers(part string) []string {
	var bytes []byte
	for _, number := range strings.FieldsFunc(part, func(c rune) bool { return !strings.ContainsRune(digits10, c) }) {
		value, err := strconv.ParseUint(number, 10, 8)
		if err != nil {
			return nil
		}
		bytes = append(bytes, byte(value))
	}
	if len(bytes) < 8 {
		return nil
	}
	return []string{string(bytes)}
}

// wideParts are from the first zero byte to the last, with what is beside them.
func wideParts(text string) []span {
	from, to := strings.IndexByte(text, 0), strings.LastIndexByte(text, 0)
	if from < 0 || to-from < 8 {
		return nil
	}
	return []span{{max(0, from-1), min(len(text), to+2)}}
}

// readWide reads UTF-16 in both orders, and without its zero bytes, where somebody took
// each byte for a character.
func readWide(part string) []string {
	narrow := strings.ReplaceAll(part, "\x00", "")
	all := []string{narrow, latin(narrow)}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, bytes := range []string{part, part[1:]} {
			units := make([]uint16, len(bytes)/2)
			for i := range units {
				units[i] = order.Uint16([]byte(bytes[2*i : 2*i+2]))
			}
			all = append(all, string(utf16.Decode(units)))
		}
	}
	return all
}
