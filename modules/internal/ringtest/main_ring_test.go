// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"os"
	"testing"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// asModule is the variable with the module that a process runs as.
const asModule = "RINGTEST_MODULE"

// TestMain lets a task run in a process of its own, and runs more tests at once
// than there are processors, since they mostly wait.
func TestMain(m *testing.M) {
	if testkit.Program(func() converge.Runner { return registry.Modules[os.Getenv(asModule)]() }) {
		return
	}
	os.Exit(testkit.RunWaiting(m, 12))
}
