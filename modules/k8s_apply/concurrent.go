// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import "sync"

// concurrency is how many calls are under way at once: enough to hide the latency
// of a small API server, few enough not to be a load on it.
const concurrency = 4

// each runs n jobs and returns the first error in their order.
func each(n int, job func(int) error) error {
	var group sync.WaitGroup
	slots, faults := make(chan struct{}, concurrency), make([]error, n)
	for i := range n {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			faults[i] = job(i)
		})
	}
	group.Wait()
	// One is enough: those of a server that is away are all the same.
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}
