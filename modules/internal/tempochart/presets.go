// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import "k8s.io/apimachinery/pkg/api/resource"

// AutoResources leaves the preset to the nodes; defaultResources is the chart's
// own.
const (
	AutoResources    = "auto"
	defaultResources = "default"
)

// presetBounds are the presets by the allocatable memory of a node below which
// each is the right one: boards of 4 GB give 3.7 GiB, those of 8 GB 7.7 GiB.
var presetBounds = []struct {
	name  string
	below int64
}{
	{"raspberrypi", 6 << 30},
	{"small", 12 << 30},
}

// PresetFor is the preset for nodes of which the smallest has that much
// allocatable memory.
func PresetFor(memory resource.Quantity) string {
	for _, bound := range presetBounds {
		if memory.CmpInt64(bound.below) < 0 {
			return bound.name
		}
	}
	return defaultResources
}
