// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/secret"
)

// shownRelease is a release as the diff shows it.
func shownRelease(release helm.Release) map[string]any {
	return map[string]any{"chart": release.Chart.ID(), "status": string(release.Status), "values": secret.Masked(any(release.Values))}
}

func (s State) shownTarget() map[string]any {
	target := s.Target
	shown := map[string]any{"chart": target.Chart.ID(), "status": string(helm.Deployed), "values": secret.Masked(any(target.Values))}
	if objects := s.shownObjects(); len(objects) > 0 {
		shown["objects"] = objects
	}
	return shown
}
