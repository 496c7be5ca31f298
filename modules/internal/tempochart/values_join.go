// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"
)

// carriers are the keys of the lists that carry the credentials and the CA into
// the pods.
var carriers = map[string]bool{"extraEnvFrom": true, "extraEnv": true, "extraVolumes": true, "extraVolumeMounts": true}

// join returns over with our items in front of the user's in every list that
// is a carrier: a list of the user's would replace ours, and Tempo could not
// speak to the object storage.
func join(base, over map[string]any) map[string]any {
	joined := map[string]any{}
	for key, value := range over {
		ours, is := base[key].([]any)
		theirs, both := value.([]any)
		if is && both && carriers[key] {
			value = append(slices.Clone(ours), theirs...)
		}
		inner, is := base[key].(map[string]any)
		outer, both := value.(map[string]any)
		if is && both {
			value = join(inner, outer)
		}
		joined[key] = value
	}
	return joined
}
