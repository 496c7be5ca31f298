// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Placeholder replaces a secret found in output. It is the word that Ansible's
// own modules use (ansible-core, module_utils/common/parameters.py), so that
// users and log filters know it.
const Placeholder = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

// shortest is the length in bytes from which a secret is looked for inside
// longer words. A shorter one is replaced only where it is a word of its
// own: replacing each "a" would make the output unreadable and prove nothing.
const shortest = 4

// Redactor replaces known secrets in text that leaves the program, in plain
// form and in the forms in which the programs that we talk to repeat them: as
// base64 at any offset (Kubernetes Secrets, HTTP basic authentication), in
// hexadecimal, and with any of the escapes that JSON, YAML, Go, URLs, XML and
// shells have, also one around the other and across line breaks, in UTF-16, and
// packed as Helm keeps a release. A login in a URL is replaced even where it is not
// known.
// The zero Redactor knows no secret.
type Redactor struct {
	lock    sync.RWMutex
	needles []needle
	// first lists the needles by their first byte.
	first [256][]int
	pairs pairs
	known map[string]bool
	words []*regexp.Regexp
}

// Add makes the redactor know more secrets. Empty ones are ignored.
func (r *Redactor) Add(secrets ...Text) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, s := range secrets {
		r.add(s.Reveal())
	}
}

func (r *Redactor) add(value string) {
	if value == "" || r.known[value] {
		return
	}
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[value] = true
	if len(value) < shortest {
		r.words = append(r.words, regexp.MustCompile(`\b`+regexp.QuoteMeta(value)+`\b`))
		return
	}
	for _, found := range needles(value) {
		r.first[found.text[0]] = append(r.first[found.text[0]], len(r.needles))
		r.needles = append(r.needles, found)
		r.pairs.add(found.text)
	}
}

// Text returns text with every known secret replaced by Placeholder.
func (r *Redactor) Text(text string) string {
	r.lock.RLock()
	defer r.lock.RUnlock()
	text = replaced(text, append(r.spans(text), r.encoded(text, 0)...))
	for _, word := range r.words {
		text = word.ReplaceAllString(text, Placeholder)
	}
	return withoutLogins(text)
}

// span is a part of a text, from its first byte to the one after its last.
type span struct{ from, to int }

// replaced puts one Placeholder instead of each span. Spans that overlap count as
// one: what is left of the second would tell half of it.
func replaced(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var out strings.Builder
	end := 0
	for i, one := range spans {
		if i == 0 || one.from >= end {
			out.WriteString(text[end:one.from])
			out.WriteString(Placeholder)
		}
		end = max(end, one.to)
	}
	out.WriteString(text[end:])
	return out.String()
}

// Value returns a copy of a JSON-like value (maps, slices, strings, scalars)
// with every known secret in its strings replaced, and every number that is a
// known secret. Map keys stay.
func (r *Redactor) Value(value any) any {
	switch v := value.(type) {
	case string:
		return r.Text(v)
	case float64:
		if r.knows(strconv.FormatFloat(v, 'f', -1, 64)) {
			return Placeholder
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[key] = r.Value(item)
		}
		return clean
	case []any:
		clean := make([]any, len(v))
		for i, item := range v {
			clean[i] = r.Value(item)
		}
		return clean
	}
	return value
}

func (r *Redactor) knows(value string) bool {
	r.lock.RLock()
	defer r.lock.RUnlock()
	return r.known[value]
}
