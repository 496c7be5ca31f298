// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "strings"

// spans are the parts of a text that are known secrets.
func (r *Redactor) spans(text string) []span {
	if len(r.needles) == 0 {
		return nil
	}
	var found []span
	for at := range len(text) {
		c := text[at]
		if r.noNeedleAt(text, at) {
			continue
		}
		if !escapes[c] {
			found = r.at(found, text, at, c)
			continue
		}
		for _, read := range readings(text, at) {
			if read.bytes != "" {
				found = r.at(found, text, at, read.bytes[0])
			}
		}
	}
	return found
}

// noNeedleAt reports quickly that no needle begins here: by two bytes that are no
// part of an escape.
func (r *Redactor) noNeedleAt(text string, at int) bool {
	if special[text[at]] || at+1 == len(text) || special[text[at+1]] {
		return false
	}
	return !r.pairs.has(text[at], text[at+1])
}

// pairs are the first two bytes of needles, a bit for each pair.
type pairs [1 << 10]uint64

func (p *pairs) add(needle string) { p[int(needle[0])<<2|int(needle[1])>>6] |= 1 << (needle[1] & 63) }

func (p *pairs) has(first, second byte) bool {
	return p[int(first)<<2|int(second)>>6]&(1<<(second&63)) != 0
}

// at adds the longest needle that begins with this byte at this place.
func (r *Redactor) at(found []span, text string, at int, first byte) []span {
	if len(r.first[first]) == 0 {
		return found
	}
	best := span{at, at}
	for _, number := range r.first[first] {
		one := r.needles[number]
		if unlike(text, at, one.text) {
			continue
		}
		search := search{text: text, needle: one.text, left: stepsPerByte * len(one.text)}
		if end := search.end(at, 0); end >= 0 {
			best.from, best.to = min(best.from, one.left(text, at)), max(best.to, one.right(text, end))
		}
	}
	if best.to == at {
		return found
	}
	return append(found, best)
}

// unlike reports quickly that a needle is not here: the second byte is another
// one, and neither is part of an escape.
func unlike(text string, at int, needle string) bool {
	if special[text[at]] || at+1 >= len(text) || special[text[at+1]] {
		return false
	}
	return text[at+1] != needle[1]
}

// left and right take in the characters of base64 beside a core, which hold bits
// of the secret, and the padding.
func (n needle) left(text string, at int) int {
	for range n.edge {
		if at > 0 && digit(text[at-1]) {
			at--
		}
	}
	return at
}

func (n needle) right(text string, end int) int {
	for range n.edge {
		if end < len(text) && digit(text[end]) {
			end++
		}
	}
	for n.edge > 0 && end < len(text) && text[end] == '=' {
		end++
	}
	return end
}

// digit reports whether c is one of the 64 characters of base64, in either
// alphabet.
func digit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("+/-_", c) >= 0
}

// stepsPerByte bounds the steps of a search by the length of its needle: a text of
// nothing but backslashes can be read in very many ways.
const stepsPerByte = 64

// search looks for one needle at one place.
type search struct {
	text, needle string
	// left is how many steps it may still take.
	left int
}

// end returns where the rest of the needle, from its byte next on, ends when it
// begins at this place of the text; -1 when it does not.
func (s *search) end(at, next int) int {
	for next < len(s.needle) && at < len(s.text) && s.text[at] == s.needle[next] && !special[s.text[at]] {
		at, next = at+1, next+1
	}
	if next == len(s.needle) {
		return at
	}
	if s.left--; s.left < 0 || at >= len(s.text) || !special[s.text[at]] {
		return -1
	}
	for _, read := range readings(s.text, at) {
		if !s.fits(read, next) {
			continue
		}
		if end := s.end(at+read.width, next+len(read.bytes)); end >= 0 {
			return end
		}
	}
	return s.indented(at, next)
}

// fits reports whether the needle goes on as the text was read. A line break in
// the middle of a word is skipped in long needles only.
func (s *search) fits(read reading, next int) bool {
	if read.bytes == "" {
		return next > 0 && len(s.needle) >= line
	}
	return strings.HasPrefix(s.needle[next:], read.bytes)
}

// indented skips what YAML puts after a line break: spaces, and more line
// breaks in folded text.
func (s *search) indented(at, next int) int {
	if next == 0 || s.needle[next-1] != '\n' {
		return -1
	}
	for _, read := range readings(s.text, at) {
		if read.bytes == " " || read.bytes == "\t" || read.bytes == "\n" || read.bytes == "\r" {
			if end := s.end(at+read.width, next); end >= 0 {
				return end
			}
		}
	}
	return -1
}
