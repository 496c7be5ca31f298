// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

// partial adds what the client of a failed run still reports, without touching
// what the engine says of the failure.
func (r *run[Spec, Status]) partial(result map[string]any) {
	reporter, ok := any(r.client).(Reporter)
	if !ok {
		return
	}
	for key, value := range reporter.Partial() {
		if _, taken := result[key]; !taken {
			result[key] = value
		}
	}
}
