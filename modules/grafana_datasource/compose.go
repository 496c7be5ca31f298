// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/secret"
)

// onto lays the wish over the data source that is there (nil for none) and
// returns the whole data source that is to be. Its Secrets are those that have
// to be written.
func (w *Wish) onto(have *grafana.Source, secretsWritten bool) grafana.Source {
	made := grafana.Source{UID: w.LikelyUID, Access: "proxy", JSONData: map[string]any{}}
	if have != nil {
		made = *have
	}
	for _, field := range []struct {
		target *string
		wanted string
	}{{&made.Name, w.Name}, {&made.Type, w.Type}, {&made.URL, w.URL}, {&made.Access, w.Access}} {
		if field.wanted != "" {
			*field.target = field.wanted
		}
	}
	if made.Name == "" {
		made.Name = w.UID
	}
	w.logins(&made)
	w.settings(&made, have)
	made.Secrets = w.secretsFor(have, &made, secretsWritten)
	return made
}

// onlyRemoves reports a wish that is nothing but fields to remove.
func (w *Wish) onlyRemoves() bool { return len(w.FieldsGone) > 0 && len(w.Settings) == 0 }

func (w *Wish) logins(made *grafana.Source) {
	if w.User != nil {
		made.User = *w.User
	}
	if w.Database != nil {
		made.Database = *w.Database
	}
	if w.BasicAuthUser != nil {
		made.BasicAuth = *w.BasicAuthUser != ""
		if made.BasicAuth {
			made.BasicAuthUser = *w.BasicAuthUser
		}
	}
	if w.WithCredentials != nil {
		made.WithCredentials = *w.WithCredentials
	}
	if w.IsDefault != nil {
		made.IsDefault = *w.IsDefault
	}
}

// settings merges jsonData, numbers the headers and keeps the digests that are
// there. With replace nothing of what is there stays.
func (w *Wish) settings(made, have *grafana.Source) {
	base := map[string]any{}
	if have != nil && !w.Replace {
		base = have.JSONData
	}
	over := withoutNil(w.withFields(merged(base, w.Settings), base)).(map[string]any)
	for key, name := range w.headerNames(have) {
		over[key] = name
	}
	if have != nil && have.JSONData[digestKey] != nil {
		over[digestKey] = have.JSONData[digestKey]
	}
	made.JSONData = over
}

// withFields puts the derived fields in, and the notes about them.
func (w *Wish) withFields(over, base map[string]any) map[string]any {
	if _, removed := w.Settings[derivedFields]; removed && w.Settings[derivedFields] == nil {
		over[fieldsKey] = nil
		return over
	}
	fields, notes := w.fieldsFor(base)
	delete(over, fieldsKey)
	if w.telling(fields, notes) {
		over[fieldsKey] = notes
	}
	if fields != nil || over[derivedFields] != nil {
		over[derivedFields] = fields
	}
	return over
}

// telling reports whether the notes say more than none would: in a file of this
// module's that all of its fields are its own, elsewhere that none is.
func (w *Wish) telling(fields, notes []any) bool {
	if !w.ByFile {
		return len(notes) > 0
	}
	return len(notes) < len(fields) || slices.ContainsFunc(notes, func(note any) bool { return note.(map[string]any)[wasKey] != nil })
}

// secretsFor are the secrets to write, by Grafana's names.
func (w *Wish) secretsFor(have, made *grafana.Source, written bool) map[string]secret.Text {
	needed := map[string]secret.Text{}
	for name, text := range w.allSecrets(made) {
		if !written && w.mustWrite(name, text, have) {
			needed[name] = text
		}
	}
	return needed
}
