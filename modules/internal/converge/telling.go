// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

// Telling may be implemented by a module that has something to return even when
// it fails, such as what it found out on the way.
type Telling interface{ Found() map[string]any }

// told adds what a failed module still tells, without touching what the engine
// says of the failure.
func (r *run[Args, State]) told(result map[string]any) {
	telling, does := any(r.module).(Telling)
	if !does {
		return
	}
	for key, value := range telling.Found() {
		if _, taken := result[key]; !taken {
			result[key] = value
		}
	}
}
