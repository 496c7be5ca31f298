// SPDX-License-Identifier: AGPL-3.0-or-later

package wire

import "bufio"

// endless is a JSON number that no Go type can hold. It stands for what is not
// a JSON number at all: option.Table refuses it by the option's name, where a
// request that cannot be parsed would be refused as a whole.
const endless = "9e999999"

// nonFinite are Python's spellings of YAML's .nan, .inf and -.inf (json.dumps,
// allow_nan), which JSON does not have. Outside of strings JSON has no capital
// letters except in exponents.
var nonFinite = []string{"NaN", "Infinity"}

// standard makes valid JSON of the JSON that Python writes, as it is read.
type standard struct {
	in              *bufio.Reader
	quoted, escaped bool
	pending         string
}

// Read passes on what has arrived, and blocks only if nothing has: the sender
// may leave its end open.
func (s *standard) Read(out []byte) (int, error) {
	for n := range out {
		if n > 0 && s.pending == "" && s.in.Buffered() == 0 {
			return n, nil
		}
		next, err := s.next()
		if err != nil {
			return n, err
		}
		out[n] = next
	}
	return len(out), nil
}

func (s *standard) next() (byte, error) {
	if s.pending != "" {
		first := s.pending[0]
		s.pending = s.pending[1:]
		return first, nil
	}
	next, err := s.in.ReadByte()
	if err != nil {
		return 0, err
	}
	if !s.inString(next) && s.skipped(next) {
		s.pending = endless[1:]
		return endless[0], nil
	}
	return next, nil
}

// inString follows the quotes: it reports whether a byte belongs to a string.
func (s *standard) inString(next byte) bool {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted && next == '\\':
		s.escaped = true
	case next == '"':
		s.quoted = !s.quoted
		return true
	}
	return s.quoted
}

// skipped consumes the rest of a non-finite number that begins with a byte.
func (s *standard) skipped(next byte) bool {
	for _, word := range nonFinite {
		if next != word[0] {
			continue
		}
		rest, err := s.in.Peek(len(word) - 1)
		if err == nil && string(rest) == word[1:] {
			_, err = s.in.Discard(len(rest))
			return err == nil
		}
	}
	return false
}
