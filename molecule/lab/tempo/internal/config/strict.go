// SPDX-License-Identifier: AGPL-3.0-or-later

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// root is the type of the whole file.
const root = "app.Config"

// shown are the types with other names in Tempo's messages: it reads these into a type within a function.
var shown = map[string]string{"overrides.Config": "overrides.rawConfig", "config.RemoteWriteConfig": "config.plain"}

// checker collects the errors of a file, in the words of the YAML library that Tempo uses.
type checker struct {
	edition edition.Edition
	wrong   []string
}

// check returns Tempo's error for a file's keys and values, or nil.
func check(file *yaml.Node, e edition.Edition) error {
	if len(file.Content) == 0 {
		return nil
	}
	c := &checker{edition: e}
	c.value(file.Content[0], root)
	return c.failure()
}

func (c *checker) failure() error {
	if len(c.wrong) == 0 {
		return nil
	}
	return fmt.Errorf("yaml: unmarshal errors:\n  %s", strings.Join(c.wrong, "\n  "))
}

func (c *checker) note(node *yaml.Node, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf("line %d: ", node.Line)+fmt.Sprintf(format, args...))
}

// value checks one value against its kind.
func (c *checker) value(node *yaml.Node, kind string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Tag == "!!null" {
		return
	}
	if element, ok := strings.CutPrefix(kind, "[]"); ok {
		c.list(node, element)
		return
	}
	if element, ok := strings.CutPrefix(kind, "map:"); ok {
		c.mapping(node, element)
		return
	}
	switch {
	case kind == "any":
	case known()[kind] == nil:
		c.scalar(node, kind)
	case kind == "overrides.Config":
		c.overrides(node)
	default:
		c.fields(node, kind)
	}
}

// list checks each element.
func (c *checker) list(node *yaml.Node, element string) {
	if node.Kind != yaml.SequenceNode {
		c.mismatch(node, "[]"+element)
		return
	}
	for _, one := range node.Content {
		c.value(one, element)
	}
}

func (c *checker) mapping(node *yaml.Node, element string) {
	if node.Kind != yaml.MappingNode {
		c.mismatch(node, "map[string]"+element)
		return
	}
	for i := 1; i < len(node.Content); i += 2 {
		c.value(node.Content[i], element)
	}
}

func (c *checker) fields(node *yaml.Node, kind string) {
	name := named(kind)
	if node.Kind != yaml.MappingNode {
		c.mismatch(node, name)
		return
	}
	var seen []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		field := node.Content[i]
		below := known().kindOf(kind, field.Value, c.edition)
		switch {
		case below == "":
			c.note(field, "field %s not found in type %s", field.Value, name)
		case slices.Contains(seen, field.Value):
			c.note(field, "field %s already set in type %s", field.Value, name)
		default:
			c.value(node.Content[i+1], below)
		}
		seen = append(seen, field.Value)
	}
}

// named is a type's name in messages: the list tells types of one name apart by a suffix after a tilde.
func named(kind string) string {
	name, _, _ := strings.Cut(kind, "~")
	if other := shown[name]; other != "" {
		return other
	}
	return name
}

// overrides are read in their own format, or else in the flat one of before 2.3.
func (c *checker) overrides(node *yaml.Node) {
	scoped, flat := &checker{edition: c.edition}, &checker{edition: c.edition}
	scoped.fields(node, "overrides.Config")
	if len(scoped.wrong) == 0 {
		return
	}
	flat.fields(node, "overrides.legacyConfig")
	if len(flat.wrong) == 0 {
		return
	}
	c.wrong = append(c.wrong, fmt.Sprintf("failed to unmarshal config: %v; also failed in legacy format: %v", scoped.failure(), flat.failure()))
}

// flat says whether the overrides of a file are in the format of before 2.3.
func flat(overrides *yaml.Node, e edition.Edition) bool {
	c := &checker{edition: e}
	c.fields(overrides, "overrides.Config")
	return len(c.wrong) > 0
}

// goTypes are the names of numbers and times in messages.
var goTypes = map[string]string{"duration": "time.Duration"}

func (c *checker) scalar(node *yaml.Node, kind string) {
	text, right := node.Value, true
	switch kind {
	case "bool":
		right = slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(text))
	case "int":
		_, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64)
		right = err == nil || whole(text)
	case "float64":
		_, err := strconv.ParseFloat(text, 64)
		right = err == nil
	case "duration":
		right = lasts(text)
	}
	if node.Kind != yaml.ScalarNode || !right {
		c.mismatch(node, kind)
	}
}

// whole says whether a number such as 1e6 is an integer too.
func whole(text string) bool {
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && number == float64(int64(number))
}

// lasts says whether Tempo reads the text as a time: 10s, 2d in Prometheus' format, or nanoseconds.
func lasts(text string) bool {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return true
	}
	_, err := Span(text)
	return err == nil
}

// Span reads a time with Prometheus' days, weeks and years besides Go's units.
func Span(text string) (time.Duration, error) {
	for unit, hours := range map[string]int{"d": 24, "w": 7 * 24, "y": 365 * 24} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			count, err := strconv.Atoi(number)
			return time.Duration(count*hours) * time.Hour, err
		}
	}
	return time.ParseDuration(text)
}

func (c *checker) mismatch(node *yaml.Node, kind string) {
	if other := goTypes[kind]; other != "" {
		kind = other
	}
	switch node.Kind {
	case yaml.MappingNode:
		c.note(node, "cannot unmarshal !!map into %s", kind)
	case yaml.SequenceNode:
		c.note(node, "cannot unmarshal !!seq into %s", kind)
	default:
		value := node.Value
		if len(value) > 10 {
			value = value[:7] + "..."
		}
		c.note(node, "cannot unmarshal %s `%s` into %s", node.Tag, value, kind)
	}
}
