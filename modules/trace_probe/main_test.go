// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"os"
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
	probe "github.com/picluster/tracing/modules/trace_probe"
)

// TestMain lets a task run in a process of its own.
func TestMain(m *testing.M) {
	if testkit.Program(probe.New) {
		return
	}
	os.Exit(testkit.RunWaiting(m, 24))
}
