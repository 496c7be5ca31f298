// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// mergeInto merges the spec into the data source that exists (nil for none) and
// returns the whole data source that is wanted. Its Secrets are those that have
// to be written.
func (r resolved) mergeInto(observed *grafana.Source, secretsWritten bool) grafana.Source {
	made := grafana.Source{UID: r.likelyUID(), Access: "proxy", JSONData: map[string]any{}}
	base := observed
	if observed != nil && r.restores(observed) {
		base = r.restored(observed)
	}
	if base != nil {
		made = *base
	}
	if r.absent() {
		return made
	}
	for _, field := range []struct {
		target *string
		wanted string
	}{{&made.Name, r.Name}, {&made.Type, r.Type}, {&made.URL, r.SourceURL}, {&made.Access, r.SourceAccess}} {
		if field.wanted != "" {
			*field.target = field.wanted
		}
	}
	if made.Name == "" {
		made.Name = r.UID
	}
	r.setLogins(&made)
	made.JSONData = r.mergedSettings(base)
	r.note(observed, made)
	made.Secrets = r.secretsFor(observed, &made, secretsWritten)
	return made
}

func (s Spec) setLogins(made *grafana.Source) {
	if s.SourceUser != nil {
		made.User = *s.SourceUser
	}
	if s.Database != nil {
		made.Database = *s.Database
	}
	if s.BasicAuthUser != nil {
		made.BasicAuth = *s.BasicAuthUser != ""
		if made.BasicAuth {
			made.BasicAuthUser = *s.BasicAuthUser
		}
	}
	if s.WithCredentials != nil {
		made.WithCredentials = *s.WithCredentials
	}
	if s.IsDefault != nil {
		made.IsDefault = *s.IsDefault
	}
}

// mergedSettings merges jsonData, numbers the headers and keeps the existing
// digests. With replace nothing of the existing ones stays.
func (r resolved) mergedSettings(observed *grafana.Source) map[string]any {
	base := map[string]any{}
	if observed != nil && !r.Replace {
		base = observed.JSONData
	}
	made := jsondata.Merge(base, r.Settings)
	fields := jsondata.Fields{Settings: r.Settings, Removed: r.RemovedFields, ByFile: r.byFile, OwnFile: r.ownFile}
	fields.Apply(made, base)
	r.Prometheus.Apply(made)
	made = jsondata.WithoutNil(made)
	maps.Copy(made, jsondata.HeaderNames(r.HTTPHeaders, base))
	if observed != nil && observed.JSONData[jsondata.DigestKey] != nil {
		made[jsondata.DigestKey] = observed.JSONData[jsondata.DigestKey]
	}
	return made
}

// secretsFor are the secrets to write, by Grafana's names.
func (r resolved) secretsFor(observed, made *grafana.Source, written bool) map[string]secret.Text {
	needed := map[string]secret.Text{}
	for name, text := range r.allSecrets(made) {
		if !written && r.mustWrite(name, text, observed) {
			needed[name] = text
		}
	}
	return needed
}

// allSecrets are the given secrets and the values of the headers, under the
// numbers that made has.
func (s Spec) allSecrets(made *grafana.Source) map[string]secret.Text {
	all := map[string]secret.Text{}
	maps.Copy(all, s.Secrets)
	maps.Copy(all, jsondata.HeaderValues(s.HTTPHeaders, made.JSONData))
	return all
}
