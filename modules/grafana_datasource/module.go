// SPDX-License-Identifier: AGPL-3.0-or-later

// Package datasource is the module grafana_datasource: a data source of Grafana
// and its links to other data sources.
package datasource

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/digest"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Module sets up one data source.
type Module struct {
	client *grafana.Client
	kube   *kube.Clients
	// digests is where the digests of secrets are kept; nil is Grafana itself.
	digests *digest.Folder
	// sidecar is that of Grafana, once it was looked for.
	sidecar *grafana.Sidecar
	// via is how this run writes, once that is known.
	via string
	// secretsWritten is set once this run has written the secrets.
	secretsWritten bool
}

var _ converge.Direct[Args, State] = (*Module)(nil)

// New returns a module for one run.
func New() *Module { return &Module{} }

// Result returns the data source with its secrets masked, and whether Grafana
// reaches it.
func (m *Module) Result(args Args, have State) map[string]any {
	result := map[string]any{"via": have.Via}
	if have.File.Holder != nil {
		result["object"] = have.File.Holder.String()
	}
	if have.Source == nil {
		return result
	}
	shown := *have.Source
	if have.File.Live != nil {
		shown = *have.File.Live
	}
	shown.JSONData = maps.Clone(shown.JSONData)
	unnoted(shown.JSONData)
	result["datasource"] = shown.Shown()
	result["uid"], result["name"] = shown.UID, shown.Name
	if have.Health != nil {
		result["healthy"], result["healthy_reason"] = nil, have.Health.Reason
		if have.Health.Known {
			result["healthy"] = have.Health.Healthy
		}
	}
	if wanted := args.Tempo.streaming(); len(wanted) > 0 {
		result["streaming"], result["streaming_reason"] = len(missing(wanted, have.Source)) == 0, have.Streaming.reason()
	}
	if found, err := args.sampled(have.Source); err == nil && found != nil {
		result["sample"] = found
	}
	return result
}

// unnoted takes out what this module keeps for itself.
func unnoted(settings map[string]any) {
	delete(settings, digestKey)
	delete(settings, fieldsKey)
}

// masked is for diffs: what is under sensitive keys is hidden.
func masked(value map[string]any) map[string]any { return secret.Masked(value).(map[string]any) }
