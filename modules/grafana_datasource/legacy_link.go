// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"maps"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
)

// The keys of the link from spans to logs, today's and that of Grafana before
// 9.4. A Grafana keeps and ignores the one that it does not know.
const (
	linkKey       = "tracesToLogsV2"
	legacyLinkKey = "tracesToLogs"
)

// needsLegacyLink reports whether the link has to be written under its legacy
// key, too. A data source with the new key alone tells that this is a newer
// Grafana, so that a warm run need not ask for the version.
func (c *client) needsLegacyLink(ctx context.Context, spec Spec, there *grafana.Source) (bool, error) {
	if spec.absent() || spec.Tempo == nil || spec.Tempo.TracesToLogs == nil || c.grafana == nil {
		return false, nil
	}
	if there != nil && there.JSONData[linkKey] != nil {
		return there.JSONData[legacyLinkKey] != nil, nil
	}
	version, err := c.grafana.Version(ctx)
	return version != "" && !compat.GrafanaHas(compat.TracesToLogsV2, version), err
}

// withLegacyLink returns the spec with the link under its legacy key, too, where
// Grafana needs that (public/app/core/components/TraceToLogs/TraceToLogsSettings.tsx
// of 9.2). A query of one's own is not known there.
func (r resolved) withLegacyLink(status Status) resolved {
	link, wanted := r.Settings[linkKey].(map[string]any)
	if !wanted || !status.NeedsLegacyLink {
		return r
	}
	legacy := maps.Clone(link)
	for _, unknown := range []string{"customQuery", "query", "tags"} {
		delete(legacy, unknown)
	}
	legacy["lokiSearch"] = true
	if tags, _ := link["tags"].([]any); len(tags) > 0 {
		legacy["mappedTags"], legacy["mapTagNamesEnabled"] = tags, true
	}
	r.Settings = jsondata.Merge(r.Settings, map[string]any{legacyLinkKey: legacy})
	return r
}
