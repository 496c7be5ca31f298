// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"fmt"
	"time"

	"github.com/Masterminds/semver/v3"
)

// Support says until when a minor version of Tempo is supported.
type Support struct {
	// Minor is such as 2.10.
	Minor string
	// Ends is the last day.
	Ends time.Time
	// Source is where this was read.
	Source string
}

const recommended = "grafana/tempo docs/sources/tempo/set-up-for-tracing/setup-tempo/recommended-versions.md (August 2026)"

// supports are the minor versions that are known, the newest first.
var supports = []Support{
	{"3.0", day(2027, time.February, 28), recommended},
	{"2.10", day(2027, time.April, 26), recommended},
	{"2.9", day(2026, time.December, 31), recommended},
	{"2.8", day(2026, time.March, 10), recommended},
	{"2.7", day(2025, time.October, 13), recommended},
}

func day(year int, month time.Month, of int) time.Time {
	return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
}

// Supports returns the minor versions whose end of support is known, the newest first.
func Supports() []Support { return append([]Support(nil), supports...) }

// SupportOf returns when the support of a version of Tempo ends, and whether that is
// known. Support for versions older than all known ones ended with the oldest of
// these at the latest.
func SupportOf(tempo string) (support Support, ok bool) {
	if Major(tempo) < 0 {
		return Support{}, false
	}
	for _, row := range supports {
		if row.Minor == minor(tempo) {
			return row, true
		}
	}
	oldest := supports[len(supports)-1]
	if newer(oldest.Minor+".0", tempo) {
		return oldest, true
	}
	return Support{}, false
}

// minor is the minor version that a version belongs to, such as 2.10; "" for what
// is not a version.
func minor(tempo string) string {
	version, err := semver.NewVersion(tempo)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d.%d", version.Major(), version.Minor())
}
