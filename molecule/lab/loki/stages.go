// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"regexp"
	"strings"
)

// matcher compares the value of a label.
type matcher struct {
	name, op, value string
	pattern         *regexp.Regexp
}

// newMatcher anchors patterns at both ends, as LogQL does for labels.
func newMatcher(name, op, value string) (matcher, error) {
	one := matcher{name: name, op: op, value: value}
	if !strings.Contains(op, "~") {
		return one, nil
	}
	if _, err := regexp.Compile(value); err != nil {
		return one, fmt.Errorf("parse error : %w", err)
	}
	one.pattern = regexp.MustCompile("^(?s:" + value + ")$")
	return one, nil
}

// fits says whether the value matches; a missing label has the value "".
func (m matcher) fits(value string) bool {
	switch m.op {
	case "=":
		return value == m.value
	case "!=":
		return value != m.value
	case "=~":
		return m.pattern.MatchString(value)
	}
	return !m.pattern.MatchString(value)
}

// found is a line on its way through the stages, with all labels: those of the stream, structured metadata, and those that stages add.
type found struct {
	at     int64
	line   string
	labels map[string]string
}

// stage says whether a line passes, and may add labels to it.
type stage func(*found) bool

// lineFilter is a stage that filters by the line's text; a pattern may match anywhere in it.
func lineFilter(op, value string) (stage, error) {
	wanted := op[0] == '|'
	if op[1] == '=' {
		return func(one *found) bool { return strings.Contains(one.line, value) == wanted }, nil
	}
	pattern, err := regexp.Compile(value)
	if err != nil {
		return nil, fmt.Errorf("parse error : stage '%s %q' : %w", op, value, err)
	}
	return func(one *found) bool { return pattern.MatchString(one.line) == wanted }, nil
}

func labelFilter(m matcher) stage {
	return func(one *found) bool { return m.fits(one.labels[m.name]) }
}

// pass sends a line through all stages.
func (q query) pass(one *found) bool {
	for _, stage := range q.stages {
		if !stage(one) {
			return false
		}
	}
	return true
}
