// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"strings"

	sigs "sigs.k8s.io/yaml"
)

// Paste returns settings as YAML that a user can merge into their own values,
// and as comments what to remove from tree, the existing values. It is "" for
// settings that contradict each other.
func Paste(settings []Setting, tree map[string]any) string {
	var wanted []Setting
	var gone strings.Builder
	for _, setting := range settings {
		switch {
		case !setting.Remove:
			wanted = append(wanted, setting)
		case reachable(tree, setting):
			gone.WriteString("# without " + setting.String() + "\n")
		}
	}
	applied, _, err := Apply(map[string]any{}, wanted)
	if err != nil {
		return ""
	}
	text, err := sigs.Marshal(applied)
	if err != nil {
		return ""
	}
	return string(text) + gone.String()
}
