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

// shownRelease are the release as it is and as it would be.
func (s State) shownRelease() (before, after map[string]any) {
	target := s.Target
	was, is := secret.MaskedPair(any(s.Release.Values), any(target.Values))
	before = map[string]any{"chart": s.Release.Chart.ID(), "status": string(s.Release.Status), "values": was}
	after = map[string]any{"chart": target.Chart.ID(), "status": string(helm.Deployed), "values": is}
	if objects := s.shownObjects(); len(objects) > 0 {
		after["objects"] = objects
	}
	return before, after
}
