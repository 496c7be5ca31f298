// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Faults are all the faults of a task's options.
type Faults struct{ Texts []string }

// Error lists the faults in one line: "2 problems: a; b".
func (f *Faults) Error() string {
	if len(f.Texts) == 1 {
		return f.Texts[0]
	}
	return fmt.Sprintf("%d problems: %s", len(f.Texts), strings.Join(f.Texts, "; "))
}

func (r *reader) unknown(prefix string, rows []Option, raw map[string]any) {
	known := names(rows)
	for _, key := range sortedKeys(raw) {
		if !slices.Contains(known, key) {
			r.fault("unknown option %s%s%s", prefix, key, meant(key, known))
		}
	}
}

func names(rows []Option) []string {
	var all []string
	for _, row := range rows {
		all = append(all, row.Name)
		all = append(all, row.Aliases...)
	}
	return all
}

// meant suggests the nearest known word: " (did you mean bucket?)", or "".
func meant(word string, known []string) string {
	best := Nearest(word, known)
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// Nearest returns the known word most similar to word, or "" if none is near:
// more than two fifths of the letters would have to change.
func Nearest(word string, known []string) string {
	best := slices.MaxFunc(append([]string{""}, known...), func(a, b string) int {
		return compare(similarity(word, a), similarity(word, b))
	})
	if best == "" || similarity(word, best) < 0.6 {
		return ""
	}
	return best
}

func similarity(a, b string) float64 {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) && min(len(a), len(b)) > 2 {
		return 0.9
	}
	return levenshtein.Similarity(a, b, nil)
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// broken lists the rules between options that these values break.
func (t Table) broken(values map[string]any) []string {
	var texts []string
	for _, rule := range t.RequiredIf {
		texts = append(texts, rule.broken(values)...)
	}
	for _, group := range t.RequiredTogether {
		if n := count(group, values); n > 0 && n < len(group) {
			texts = append(texts, fmt.Sprintf("%s must be given together", join(group)))
		}
	}
	for _, group := range t.RequiredOneOf {
		if count(group, values) == 0 {
			texts = append(texts, fmt.Sprintf("one of %s is required", join(group)))
		}
	}
	for _, group := range t.MutuallyExclusive {
		if count(group, values) > 1 {
			texts = append(texts, fmt.Sprintf("only one of %s may be given", join(group)))
		}
	}
	return texts
}

func (rule RequiredIf) broken(values map[string]any) []string {
	if !reflect.DeepEqual(values[rule.Option], rule.Value) {
		return nil
	}
	if rule.Any {
		if count(rule.Needs, values) > 0 {
			return nil
		}
		return []string{fmt.Sprintf("%s is required when %s is %v", strings.Join(rule.Needs, " or "), rule.Option, rule.Value)}
	}
	var missing []string
	for _, need := range rule.Needs {
		if values[need] == nil {
			missing = append(missing, fmt.Sprintf("%s is required when %s is %v", need, rule.Option, rule.Value))
		}
	}
	return missing
}

func count(group []string, values map[string]any) int {
	given := 0
	for _, name := range group {
		if values[name] != nil {
			given++
		}
	}
	return given
}

func join(items []string) string { return strings.Join(items, ", ") }

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
