// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"slices"
)

// carrier is the key of the lists that carry the credentials into the pods.
const carrier = "extraEnvFrom"

// join returns over with our items in front of the user's in every list that
// carries the credentials: a list of the user's would replace ours, and Tempo
// would be refused by the object storage.
func join(base, over map[string]any) map[string]any {
	joined := map[string]any{}
	for key, value := range over {
		ours, is := base[key].([]any)
		theirs, both := value.([]any)
		if is && both && key == carrier {
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
