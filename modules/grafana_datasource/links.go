// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/loglink"
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
func (c *client) needsLegacyLink(ctx context.Context, spec Spec, existing *grafana.Source) (bool, error) {
	if spec.absent() || spec.Tempo == nil || spec.Tempo.TracesToLogs == nil || c.grafana == nil {
		return false, nil
	}
	if existing != nil && existing.JSONData[linkKey] != nil {
		return existing.JSONData[legacyLinkKey] != nil, nil
	}
	version, err := c.grafana.Version(ctx)
	return version != "" && !compat.GrafanaHas(compat.TracesToLogsV2, version), err
}

// withLegacyLink returns the spec with the link under its legacy key, too, where
// Grafana needs that (public/app/core/components/TraceToLogs/TraceToLogsSettings.tsx
// of 9.2). That one knows no custom query.
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

// link is where log lines have their trace IDs: as the task says, else as the data
// source keeps it. A task without the option does not ask.
func (s Spec) link(existing *grafana.Source) (link loglink.Link, has bool) {
	switch {
	case s.absent() || s.LogLink == nil || s.Loki == nil && (s.Tempo == nil || s.Tempo.TracesToLogs == nil):
		return link, false
	case *s.LogLink != loglink.Link{}:
		return *s.LogLink, true
	case existing == nil:
		return link, false
	}
	return loglink.Kept(existing.JSONData)
}

// unlabelled is the version of a Grafana that knows no derived fields by label,
// where the link needs one. An existing field by that label shows that Grafana
// does, so that a warm run need not ask.
func (c *client) unlabelled(ctx context.Context, spec Spec, existing *grafana.Source) (string, error) {
	link, has := spec.link(existing)
	if !has || link.InText() || spec.Loki == nil || c.grafana == nil || existing != nil && jsondata.LooksFor(existing.JSONData, link.Name) {
		return "", nil
	}
	version, err := c.grafana.Version(ctx)
	if version == "" || compat.GrafanaHas(compat.LabelFields, version) {
		return "", err
	}
	return version, err
}

// withLogLink returns the spec with the links that lead where the IDs are, and with
// the finding itself for the next run. A file of somebody else's is not asked to
// keep it.
func (r resolved) withLogLink(status Status) resolved {
	link, has := r.link(status.base())
	if !has {
		return r
	}
	made := map[string]any{}
	if source := status.Source; status.Origin == nil && (source == nil || !source.ReadOnly) {
		made[loglink.Key] = link.Data()
	}
	if r.Tempo != nil {
		made[linkKey] = map[string]any{"customQuery": true, "query": link.SpanQuery()}
	}
	r.Settings = jsondata.Merge(r.Settings, made)
	if r.Loki != nil && status.Unlabelled == "" {
		return r.withDerivedFields(link, status.base())
	}
	return r
}

// withDerivedFields returns the spec with derived fields that find the ID. A field of the user's
// that has the name stays, and would be used in place of ours.
func (r resolved) withDerivedFields(link loglink.Link, existing *grafana.Source) resolved {
	have := map[string]any{}
	if existing != nil && !r.Replace {
		have = existing.JSONData
	}
	fields := jsondata.Fields{ByFile: r.byFile, OwnFile: r.ownFile}
	kind, expression := link.Derived()
	settings := maps.Clone(r.Settings)
	settings[jsondata.DerivedFields] = r.Loki.Looking(r.Settings, kind, expression, func(field any) bool { return fields.Taken(have, field) })
	r.RemovedFields = slices.Concat(r.RemovedFields, jsondata.Superseded(r.Settings, settings))
	r.Settings = settings
	return r
}
