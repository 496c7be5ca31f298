// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"strings"

	sigs "sigs.k8s.io/yaml"
)

// Paste returns entries as YAML that a user can put among values of their own,
// and as comments what has to go from tree, the values that are there. It is ""
// for entries that contradict each other.
func Paste(entries []Entry, tree map[string]any) string {
	var wanted []Entry
	var gone strings.Builder
	for _, entry := range entries {
		switch {
		case !entry.Remove:
			wanted = append(wanted, entry)
		case reachable(tree, entry):
			gone.WriteString("# without " + entry.String() + "\n")
		}
	}
	laid, _, err := Lay(map[string]any{}, wanted)
	if err != nil {
		return ""
	}
	text, err := sigs.Marshal(laid)
	if err != nil {
		return ""
	}
	return string(text) + gone.String()
}
