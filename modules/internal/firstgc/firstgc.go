// SPDX-License-Identifier: AGPL-3.0-or-later

// Package firstgc postpones the first garbage collection of the process; it imports
// only runtime packages, because it must be initialized before all others.
//
// A task lives for a tenth of a second. While the packages of this program are
// initialized, Helm's above all, they allocate 8 MiB that stay, over which Go
// would collect garbage three times and find next to none. Without that, a start
// takes a quarter less processor time, and half a MiB more memory at its peak:
// see "make bench".
package firstgc

import (
	"runtime"
	"runtime/debug"
)

// defaultPercent is Go's own pace (runtime/debug, SetGCPercent), and startPercent puts the first
// collection off from 4 MiB of heap, the runtime's minimum, to 16
// (runtime/mgcpacer.go, defaultHeapMinimum).
const (
	defaultPercent = 100
	startPercent   = 400
)

func init() { delay() }

// delay lasts until the first collection: a large heap then grows at the usual
// pace. Another pace, from the variable GOGC, is left as it is.
func delay() {
	if pace := debug.SetGCPercent(startPercent); pace != defaultPercent {
		debug.SetGCPercent(pace)
		return
	}
	garbage := new([64]byte) // large enough to have a place of its own
	runtime.AddCleanup(garbage, func(pace int) { debug.SetGCPercent(pace) }, defaultPercent)
}
