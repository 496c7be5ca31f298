// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import "sync"

// concurrency is how many calls are under way at once: enough to hide the latency
// of a small API server, few enough not to be a load on it.
const concurrency = 4

// Each runs n jobs that call the API server, several at once, and waits for all.
func Each(n int, job func(int)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, concurrency)
	for i := range n {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			job(i)
		})
	}
	group.Wait()
}
