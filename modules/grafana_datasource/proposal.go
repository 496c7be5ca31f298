// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/sourceview"
	"github.com/picluster/tracing/modules/internal/streaming"
)

// Proposal is what a data source would become. Observe makes it once; Plan and
// the steps read it.
type Proposal struct {
	resolved
	// Source is the whole data source. Its Secrets are those to write; for a file
	// they are all.
	Source grafana.Source
	// Before and After are how it differs from the current one, redacted.
	Before, After map[string]any
}

func (p Proposal) differs() bool { return len(p.Before)+len(p.After) > 0 }

// resolved is a Spec with what only the status could tell.
type resolved struct {
	Spec
	// askTempo is set where streaming is asked about once Grafana has the data source.
	askTempo bool
	// byFile reports that a provisioning file is written, and ownFile that this
	// module has written that file before, with all that is in it.
	byFile, ownFile bool
	// adopts reports that the file takes over a data source that existed before.
	adopts bool
}

func (s Status) resolve(spec Spec) resolved {
	byFile := s.Via == viaConfigMap
	wanted := resolved{Spec: spec, byFile: byFile, ownFile: byFile && s.Source != nil,
		adopts: byFile && s.Source == nil && s.File.Object == nil && s.File.Live != nil}
	if spec.absent() {
		return wanted
	}
	return wanted.withURL(s).withLogLink(s).withLegacyLink(s).withStreaming(s)
}

// proposal merges the spec into the current data source. One that should be
// absent has none, unless it is restored.
func (s Status) proposal(spec Spec, secretsWritten bool) Proposal {
	proposal := Proposal{resolved: s.resolve(spec)}
	if spec.absent() && !s.leavesInPlace(spec) {
		return proposal
	}
	proposal.Source = proposal.mergeInto(s.mergeBase(), secretsWritten)
	if s.Source == nil && s.UIDTaken {
		proposal.Source.UID = "" // Grafana makes one
	}
	if s.Via == viaConfigMap && s.Origin == nil {
		return s.forFile(proposal)
	}
	proposal.Before, proposal.After = sourceview.Difference(s.Source, &proposal.Source)
	return proposal
}

// mergeBase is the data source that the spec is merged into. What somebody else
// provisions is taken with what Grafana has made of its environment's variables.
func (s Status) mergeBase() *grafana.Source {
	switch {
	case s.Via != viaConfigMap || s.Origin == nil:
		return s.base()
	case s.File.Live != nil:
		return s.File.Live
	}
	return &s.Origin.Source
}

// forFile is the proposal for a file, which holds all of the secrets.
func (s Status) forFile(proposal Proposal) Proposal {
	made := &proposal.Source
	made.OrgID = proposal.org()
	proposal.Before, proposal.After = sourceview.Difference(s.Source, made)
	made.Secrets = proposal.fileSecrets(s.Source, *made)
	if changed := redactedChanges(s.Source, made.Secrets); len(changed) > 0 {
		proposal.Before["secureJsonData"] = changed
	}
	return proposal
}

// fileSecrets are all secrets of the file: the existing ones and those of the
// task.
func (s Spec) fileSecrets(observed *grafana.Source, made grafana.Source) map[string]secret.Text {
	all := map[string]secret.Text{}
	if observed != nil && !s.Replace {
		maps.Copy(all, observed.Secrets)
	}
	if s.Replace {
		maps.Copy(all, s.allSecrets(&made))
	}
	maps.Copy(all, made.Secrets)
	return all
}

// redactedChanges stand for the secrets that are replaced or removed.
func redactedChanges(observed *grafana.Source, all map[string]secret.Text) map[string]any {
	changed := map[string]any{}
	if observed == nil {
		return changed
	}
	for name, text := range observed.Secrets {
		if all[name] != text {
			changed[name] = secret.Before
		}
	}
	return changed
}

// withURL returns the spec with the URL that was found, if it has none, else with
// that of a new data source.
func (r resolved) withURL(status Status) resolved {
	found := status.Address
	if found == "" && status.base() == nil {
		found = r.NewURL
	}
	if r.SourceURL == "" {
		r.SourceURL = found
	}
	return r
}

// withStreaming returns the spec with the streaming that works. An open question
// is left to what comes after the write.
func (r resolved) withStreaming(status Status) resolved {
	if len(streaming.Missing(r.Streaming, status.base())) > 0 && status.Streaming == nil {
		r.askTempo = true
		return r
	}
	return r.answered(status.Streaming)
}

// answered returns the spec with streaming on, except for what does not stream.
func (r resolved) answered(answer *streaming.Answer) resolved {
	on := maps.Clone(r.Streaming)
	if answer != nil {
		maps.DeleteFunc(on, func(key string, _ any) bool { return answer.Off[key] != "" })
	}
	if len(on) == 0 {
		return r
	}
	r.askTempo = false
	r.Settings = jsondata.Merge(map[string]any{jsondata.StreamingEnabled: on}, r.Settings)
	return r
}
