// SPDX-License-Identifier: AGPL-3.0-or-later

// Package edition describes the version of Tempo that the stand-in emulates.
package edition

import (
	"fmt"
	"strconv"
	"strings"
)

// Edition is a version in the form of the tags of Tempo's images.
type Edition struct {
	// Version is the full version: 2.10.8.
	Version string
	// Major and Minor are its first two numbers.
	Major, Minor int
}

// Oldest is the first version that the stand-in can run as.
const Oldest = "1.5.0"

// Parse reads a version; one before 1.5 is refused.
func Parse(version string) (Edition, error) {
	version = strings.TrimPrefix(version, "v")
	parts := strings.SplitN(version, ".", 3)
	if len(parts) != 3 {
		return Edition{}, fmt.Errorf("%q is no version of Tempo", version)
	}
	major, bad := strconv.Atoi(parts[0])
	minor, worse := strconv.Atoi(parts[1])
	e := Edition{Version: version, Major: major, Minor: minor}
	if bad != nil || worse != nil || !e.From(1, 5) {
		return Edition{}, fmt.Errorf("%q is no version of Tempo from %s on", version, Oldest)
	}
	return e, nil
}

// From says whether the version is that one or newer.
func (e Edition) From(major, minor int) bool {
	return e.Major > major || e.Major == major && e.Minor >= minor
}

// Before is the opposite of From.
func (e Edition) Before(major, minor int) bool { return !e.From(major, minor) }
