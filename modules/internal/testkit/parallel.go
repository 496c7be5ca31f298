// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"flag"
	"strconv"
	"testing"
)

// RunWaiting runs the tests of a package that mostly wait, at least atOnce of
// the parallel ones at a time, however few processors there are. It is for
// TestMain, and returns the exit code.
func RunWaiting(m *testing.M, atOnce int) int {
	flag.Parse()
	if given, err := strconv.Atoi(flag.Lookup("test.parallel").Value.String()); err == nil && given < atOnce {
		_ = flag.Set("test.parallel", strconv.Itoa(atOnce))
	}
	return m.Run()
}
