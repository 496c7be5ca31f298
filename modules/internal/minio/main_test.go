// SPDX-License-Identifier: AGPL-3.0-or-later

package minio_test

import (
	"os"
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.RunWaiting(m, 16)) }
