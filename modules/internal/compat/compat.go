// SPDX-License-Identifier: AGPL-3.0-or-later

// Package compat records which version supports what: tables with a source for each
// row, and functions that look them up.
package compat

import (
	"cmp"

	"github.com/Masterminds/semver/v3"
)

// Span is a range of versions: From is in it, Before is not. Empty means open.
type Span struct{ From, Before string }

// Holds reports whether the version lies in the span. What is not a version
// lies in none.
func (s Span) Holds(version string) bool {
	v, err := semver.NewVersion(version)
	if err != nil {
		return false
	}
	return (s.From == "" || !v.LessThan(semver.MustParse(s.From))) && (s.Before == "" || v.LessThan(semver.MustParse(s.Before)))
}

// Fact is a feature that versions of a subject have.
type Fact struct {
	// Subject is a chart or a program.
	Subject string
	Feature Feature
	Span
	// Source is where this was read: project, file, version.
	Source string
}

// Feature names something that a version has or lacks.
type Feature string

// Facts is a table of them.
type Facts []Fact

// Has reports whether a row gives the feature to that version of the subject.
func (f Facts) Has(subject string, feature Feature, version string) bool {
	for _, fact := range f {
		if fact.Subject == subject && fact.Feature == feature && fact.Holds(version) {
			return true
		}
	}
	return false
}

// Major returns the major version, or -1 for what is not a version.
func Major(version string) int64 {
	v, err := semver.NewVersion(version)
	if err != nil {
		return -1
	}
	return int64(v.Major())
}

// Later returns the newer of two versions, the first if one of them is not a version.
func Later(a, b string) string {
	left, err := semver.NewVersion(a)
	right, other := semver.NewVersion(b)
	if cmp.Or(err, other) == nil && left.LessThan(right) {
		return b
	}
	return a
}
