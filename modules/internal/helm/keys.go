// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/option"
)

// UnknownKeys checks values against a chart that has no schema. It returns a
// sentence for each key that neither the chart's own values nor its templates
// mention, with the nearest known name, and for each value that cannot replace a
// map.
func (c Chart) UnknownKeys(values map[string]any) []string {
	search := &search{chart: c}
	search.readTemplates()
	search.level("", c.Defaults, values)
	return search.faults
}

// search walks through values and the chart's defaults side by side.
type search struct {
	chart Chart
	// text is all of the templates.
	text string
	// free are the paths whose content goes into the configuration as it is;
	// inside are those that a template goes down into.
	free, inside map[string]bool
	faults       []string
}

// passed finds what templates pass on without looking into it, such as "toYaml
// .Values.storage.trace.s3"; entered finds where they go down, such as "with
// .Values.liveStore.config".
var (
	passed  = lazyregexp.Regexp{Expr: `(?:toYaml|toJson|toPrettyJson|deepCopy|[mM]ergeOverwrite)\s[^}]*?\$?\.Values\.([A-Za-z0-9_.]+)`}
	entered = lazyregexp.Regexp{Expr: `(?:with|range)\s[^}]*?\$?\.Values\.([A-Za-z0-9_.]+)`}
)

// readTemplates looks into the templates, and into defaults that are templates
// themselves, such as Tempo's configuration.
func (s *search) readTemplates() {
	texts := append(slices.Clone(s.chart.Templates), textsIn(s.chart.Defaults)...)
	s.text = strings.Join(texts, "\n")
	s.free, s.inside = paths(passed.Get(), s.text), paths(entered.Get(), s.text)
}

func paths(in *regexp.Regexp, text string) map[string]bool {
	found := map[string]bool{}
	for _, match := range in.FindAllStringSubmatch(text, -1) {
		found[strings.TrimSuffix(match[1], ".")] = true
	}
	return found
}

func textsIn(value any) []string {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "{{") {
			return []string{v}
		}
	case map[string]any:
		var all []string
		for _, item := range v {
			all = append(all, textsIn(item)...)
		}
		return all
	}
	return nil
}

func (s *search) level(path string, defaults, values map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		s.key(dotted(path, key), key, defaults, values[key])
	}
}

func (s *search) key(path, key string, defaults map[string]any, value any) {
	known, ok := defaults[key]
	if !ok {
		s.missing(path, key, defaults)
		return
	}
	inner, isMap := known.(map[string]any)
	if !isMap || len(inner) == 0 {
		return
	}
	given, isMap := value.(map[string]any)
	switch {
	case value == nil || s.free[path]:
	case !isMap:
		s.faults = append(s.faults, fmt.Sprintf("%s must be a dictionary: the chart has one there, and ignores anything else", path))
	default:
		s.level(path, inner, given)
	}
}

// missing reports a key that is not in the defaults, unless it belongs to
// another chart or a template mentions it.
func (s *search) missing(path, key string, defaults map[string]any) {
	above, deeper := parent(path)
	if !deeper && (slices.Contains(s.chart.Subcharts, key) || key == "global") {
		return
	}
	if s.mentioned(above, path, key) {
		return
	}
	s.faults = append(s.faults, fmt.Sprintf("unknown key %s%s", path, near(above, key, slices.Sorted(maps.Keys(defaults)))))
}

// mentioned reports whether a template reads the key: by its whole path, below a
// part that is passed on as it is, or by its name where a template goes down
// into a part above it.
func (s *search) mentioned(above, path, key string) bool {
	if strings.Contains(s.text, ".Values."+path) {
		return true
	}
	for at := above; at != ""; at, _ = parent(at) {
		if s.free[at] || s.inside[at] && regexp.MustCompile(`\.`+regexp.QuoteMeta(key)+`\b`).MatchString(s.text) {
			return true
		}
		if !strings.Contains(at, ".") {
			break
		}
	}
	return false
}

func near(above, key string, known []string) string {
	if best := option.Nearest(key, known); best != "" {
		return fmt.Sprintf(" (did you mean %s?)", dotted(above, best))
	}
	return ""
}

func dotted(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func parent(path string) (above string, deeper bool) {
	at := strings.LastIndex(path, ".")
	if at < 0 {
		return "", false
	}
	return path[:at], true
}
