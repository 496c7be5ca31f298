// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import "time"

// Limits are how long any server is waited for, whatever the policy says.
var Limits = struct {
	// Silence is how long a server that has never answered may take to answer.
	Silence time.Duration
	// Asked bounds what a server may ask for with Retry-After: a proxy that says
	// an hour is asked again sooner.
	Asked time.Duration
}{Silence: stranger, Asked: 10 * time.Second}
