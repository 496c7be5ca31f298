// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Placeholder replaces a secret found in output. It is the word that Ansible's
// own modules use (ansible-core, module_utils/common/parameters.py), so that
// users and log filters know it.
const Placeholder = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

// shortest is the length in bytes from which a secret is looked for inside
// longer words. A shorter one is replaced only where it stands as a word of its
// own: replacing each "a" would make the output unreadable and prove nothing.
const shortest = 4

// Redactor replaces known secrets in text that leaves the program, in plain
// form and in the forms in which the programs that we talk to repeat them:
// base64 (Kubernetes Secrets), percent-encoding (URLs in errors), JSON escapes.
// The zero Redactor knows no secret.
type Redactor struct {
	forms []string
	words []*regexp.Regexp
}

// Add makes the redactor know more secrets. Empty ones are ignored.
func (r *Redactor) Add(secrets ...Text) {
	for _, s := range secrets {
		r.add(s.Reveal())
	}
	slices.SortFunc(r.forms, func(a, b string) int { return len(b) - len(a) })
	r.forms = slices.Compact(r.forms)
}

func (r *Redactor) add(value string) {
	if value == "" {
		return
	}
	if len(value) < shortest {
		r.words = append(r.words, regexp.MustCompile(`\b`+regexp.QuoteMeta(value)+`\b`))
		return
	}
	r.forms = append(r.forms, forms(value)...)
}

// forms lists the ways in which a value can stand in text.
func forms(value string) []string {
	raw := []byte(value)
	escaped, _ := json.Marshal(value)
	return []string{
		value,
		strings.Trim(string(escaped), `"`),
		url.QueryEscape(value),
		url.PathEscape(value),
		base64.StdEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw),
	}
}

// Text returns text with every known secret replaced by Placeholder.
func (r *Redactor) Text(text string) string {
	for _, form := range r.forms {
		text = strings.ReplaceAll(text, form, Placeholder)
	}
	for _, word := range r.words {
		text = word.ReplaceAllString(text, Placeholder)
	}
	return text
}

// Value returns a copy of a JSON-like value (maps, slices, strings, scalars)
// with every known secret in its strings replaced. Map keys stay.
func (r *Redactor) Value(value any) any {
	switch v := value.(type) {
	case string:
		return r.Text(v)
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
