// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import "github.com/picluster/tracing/modules/internal/kube"

// each runs n jobs and returns the first error in their order.
func each(n int, job func(int) error) error {
	faults := make([]error, n)
	kube.Each(n, func(i int) { faults[i] = job(i) })
	// One is enough: those of a server that is away are all the same.
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}
