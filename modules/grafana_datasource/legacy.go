// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"maps"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
)

// The keys of the link from spans to logs, today's and that of Grafana before
// 9.4. A Grafana keeps and ignores the one that it does not know.
const (
	toLogs    = "tracesToLogsV2"
	toLogsOld = "tracesToLogs"
)

// old reports whether the link has to be written under its old key, too. A data
// source with the new key alone tells that this is a newer Grafana, so that a
// warm run need not ask for the version.
func (m *Module) old(ctx context.Context, args Args, there *grafana.Source) (bool, error) {
	if args.absent() || args.Tempo == nil || args.Tempo.TracesToLogs == nil || m.client == nil {
		return false, nil
	}
	if there != nil && there.JSONData[toLogs] != nil {
		return there.JSONData[toLogsOld] != nil, nil
	}
	version, err := m.client.Version(ctx)
	return version != "" && !compat.GrafanaHas(compat.TracesToLogsV2, version), err
}

// legacy returns the wish with the link under its old key, too, where Grafana
// needs that (public/app/core/components/TraceToLogs/TraceToLogsSettings.tsx of
// 9.2). A query of one's own is not known there.
func (w *Wish) legacy(have State) *Wish {
	link, wanted := w.Settings[toLogs].(map[string]any)
	if !wanted || !have.Old {
		return w
	}
	old := maps.Clone(link)
	for _, unknown := range []string{"customQuery", "query", "tags"} {
		delete(old, unknown)
	}
	old["lokiSearch"] = true
	if tags := listOf(link["tags"]); len(tags) > 0 {
		old["mappedTags"], old["mapTagNamesEnabled"] = tags, true
	}
	changed := *w
	changed.Settings = merged(w.Settings, map[string]any{toLogsOld: old})
	return &changed
}
