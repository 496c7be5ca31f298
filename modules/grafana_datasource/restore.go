// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/plan"
)

// keeps reports a data source that is not deleted although the task says absent:
// the task asks for what was there before, and this module has not made it.
func (s Status) keeps(spec Spec) bool {
	if !spec.absent() || !spec.Restore || s.Via != viaAPI || s.Source == nil {
		return false
	}
	notes, _ := jsondata.NotesIn(s.Source.JSONData)
	return !notes.Made
}

// givenBack is the data source without what this module has set in it, but for
// what the task names.
func (s Spec) givenBack(observed *grafana.Source) *grafana.Source {
	notes, _ := jsondata.NotesIn(observed.JSONData)
	fields := notes.GivenBack(noted(observed))
	made := *observed
	made.Name, made.Type, made.Access, made.URL = word(fields, "name"), word(fields, "type"), word(fields, "access"), word(fields, "url")
	made.User, made.Database, made.BasicAuthUser = word(fields, "user"), word(fields, "database"), word(fields, "basicAuthUser")
	made.BasicAuth, made.WithCredentials, made.IsDefault = fields["basicAuth"] == true, fields["withCredentials"] == true, fields["isDefault"] == true
	made.JSONData = s.settingsGivenBack(observed.JSONData, fields)
	return &made
}

func word(fields map[string]any, key string) string {
	text, _ := fields[key].(string)
	return text
}

// settingsGivenBack are those of the fields with the derived fields beside them,
// and the digests of secrets that the task names.
func (s Spec) settingsGivenBack(observed, fields map[string]any) map[string]any {
	made := map[string]any{}
	if settings, is := fields["jsonData"].(map[string]any); is {
		made = maps.Clone(settings)
	}
	for _, key := range []string{jsondata.DerivedFields, jsondata.OwnershipKey, digestKey} {
		if observed[key] != nil {
			made[key] = observed[key]
		}
	}
	var wanted map[string]any
	if !s.absent() {
		wanted = s.Settings
	}
	if s.absent() || len(s.Secrets)+len(s.HTTPHeaders) == 0 {
		delete(made, digestKey)
	}
	jsondata.Fields{Removed: jsondata.Unwanted(observed, wanted)}.Apply(made, observed)
	return made
}

// noted are the fields of a data source that notes are kept of.
func noted(source *grafana.Source) map[string]any {
	fields := written(source)
	delete(fields, "uid")
	delete(fields["jsonData"].(map[string]any), jsondata.DerivedFields)
	return fields
}

// note writes down what is set in a data source and what was there before. A file
// holds nothing of others.
func (r resolved) note(observed *grafana.Source, made grafana.Source) {
	switch {
	case r.byFile:
		jsondata.Notes{}.Put(made.JSONData)
	case observed == nil:
		jsondata.Notes{Made: true}.Put(made.JSONData)
	default:
		notes, _ := jsondata.NotesIn(observed.JSONData)
		if r.Restore {
			notes, observed = jsondata.Notes{Made: notes.Made}, r.givenBack(observed)
		}
		notes.Noting(noted(observed), noted(&made)).Put(made.JSONData)
	}
}

// giveBack plans the end of what was set in a data source that stays.
func (p *planner) giveBack() error {
	observed := p.status.Source
	if _, there := jsondata.NotesIn(observed.JSONData); !there && !p.proposal.differs() {
		p.plan.Warn("data source %s stays: nothing notes that this module made it; set restore: false to delete it all the same", observed.Name)
		return nil
	}
	if !p.proposal.differs() {
		return nil
	}
	p.warnSecrets()
	p.add(p.path, plan.Update, p.proposal.Before, p.proposal.After, p.client.updateSource(p.proposal, observed))
	if observed.ReadOnly {
		return provisioned("give back data source "+observed.Name, p.status.Origin, " and differs in "+keys(p.proposal.Before, p.proposal.After), p.filedAs())
	}
	return nil
}

// warnSecrets warns of secrets of this module that stay in a data source whose
// other fields are given back.
func (p *planner) warnSecrets() {
	observed := p.status.Source
	digests, _ := observed.JSONData[digestKey].(map[string]any)
	if p.proposal.Source.JSONData[digestKey] != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		if slices.Contains(observed.SecretsSet, name) {
			p.plan.Warn("the secret %s of data source %s stays as this module set it, since Grafana gives none back: set it anew there", name, observed.Name)
		}
	}
}
