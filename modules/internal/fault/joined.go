// SPDX-License-Identifier: AGPL-3.0-or-later

package fault

import (
	"errors"
	"slices"
	"strings"
)

// Join makes one error in one line of several: what has the same cause is told together,
// "create Service a, create Service b: no answer". The kind is that of the first, and the
// hint has each different one. It is nil for none.
func Join(all []error) error {
	if len(all) < 2 {
		return errors.Join(all...)
	}
	var texts, hints []string
	for _, group := range sameCause(all) {
		texts = append(texts, group.String())
		if hint := HintOf(group.first); hint != "" && !slices.Contains(hints, hint) {
			hints = append(hints, hint)
		}
	}
	return Wrap(KindOf(all[0]), strings.Join(hints, "; "), strings.Join(texts, "; "), nil)
}

// group are errors with one cause.
type group struct {
	first error
	ops   []string
	cause string
}

func (g group) String() string {
	if g.cause == "" {
		return g.first.Error()
	}
	return strings.Join(g.ops, ", ") + ": " + g.cause
}

func sameCause(all []error) (groups []group) {
	for _, err := range all {
		op, cause := parts(err)
		at := slices.IndexFunc(groups, func(g group) bool { return cause != "" && g.cause == cause })
		if at < 0 {
			groups = append(groups, group{err, nil, cause})
			at = len(groups) - 1
		}
		groups[at].ops = append(groups[at].ops, op)
	}
	return groups
}

// parts are what was being done and why it failed; without the former the latter is "".
func parts(err error) (op, cause string) {
	known, ok := err.(*Error) //nolint:errorlint // only the outermost has both
	if !ok || known.Op == "" || known.Cause == nil {
		return "", ""
	}
	return known.Op, known.Cause.Error()
}
