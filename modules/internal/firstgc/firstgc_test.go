// SPDX-License-Identifier: AGPL-3.0-or-later

package firstgc

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pace is the percentage that is in force.
func pace() uint64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func TestDelayEndsWithTheFirstCollection(t *testing.T) {
	debug.SetGCPercent(100)
	delay()
	require.Equal(t, uint64(400), pace())
	require.Eventually(t, func() bool { runtime.GC(); return pace() == 100 }, time.Minute, time.Millisecond)
}

func TestAnotherPaceIsTheUsers(t *testing.T) {
	debug.SetGCPercent(50)
	t.Cleanup(func() { debug.SetGCPercent(100) })
	delay()
	require.Equal(t, uint64(50), pace())
}
