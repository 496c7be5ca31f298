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

func (t Target) shown() map[string]any {
	return map[string]any{"chart": t.Chart.ID(), "status": string(helm.Deployed), "values": secret.Masked(any(t.Values))}
}
