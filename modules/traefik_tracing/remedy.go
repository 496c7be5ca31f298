// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import "time"

// The controller begins a new job within a second after a change. One that has
// not begun after settle is asked once more; one that has not after silent is taken
// for switched off, which a busy host must not look like.
const (
	settle = 15 * time.Second
	silent = 90 * time.Second
)

// remedy is what helps a controller that has stopped in its work.
type remedy int

const (
	none remedy = iota
	// nudge makes the controller look at the HelmChart again.
	nudge
	// free deletes the job, whereupon the controller makes a new one.
	free
)

// remedy is chosen by how long the job has looked as it does.
func (v view) remedy(nudged bool) remedy {
	switch {
	case v.since <= settle:
		return none
	case v.job.stuck, v.job.stopped && v.since > silent:
		return free
	case !nudged && (v.idle() || v.job.stopped || v.job.absent()):
		return nudge
	}
	return none
}
