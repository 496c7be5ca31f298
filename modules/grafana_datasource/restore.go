// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/sourceview"
)

// leavesInPlace reports a data source that is not deleted although the task says absent:
// the task asks to restore it, and this module has not created it. Of a
// file without notes it has made all.
func (s Status) leavesInPlace(spec Spec) bool {
	if !spec.absent() || !spec.Restore || s.Source == nil {
		return false
	}
	notes, found := jsondata.NotesIn(s.Source.JSONData)
	return !notes.Made && (found || s.Via == viaAPI)
}

// restores reports whether something may have to be restored.
func (r resolved) restores(observed *grafana.Source) bool {
	_, found := jsondata.NotesIn(observed.JSONData)
	return r.Restore && (found || !r.byFile)
}

// restored is the data source without what this module has set in it, but for
// what the task names.
func (r resolved) restored(observed *grafana.Source) *grafana.Source {
	notes, _ := jsondata.NotesIn(observed.JSONData)
	fields := notes.Restored(noted(observed))
	made := *observed
	made.Name, made.Type, made.Access = jsondata.Text(fields["name"]), jsondata.Text(fields["type"]), jsondata.Text(fields["access"])
	made.URL, made.User, made.Database = jsondata.Text(fields["url"]), jsondata.Text(fields["user"]), jsondata.Text(fields["database"])
	made.BasicAuthUser = jsondata.Text(fields["basicAuthUser"])
	made.BasicAuth, made.WithCredentials, made.IsDefault = fields["basicAuth"] == true, fields["withCredentials"] == true, fields["isDefault"] == true
	made.JSONData = r.restoredSettings(observed.JSONData, fields)
	return &made
}

// restoredSettings are those of the fields with the derived fields beside them,
// and the digests of secrets that the task names.
func (r resolved) restoredSettings(observed, fields map[string]any) map[string]any {
	made := map[string]any{}
	if settings, ok := fields["jsonData"].(map[string]any); ok {
		made = maps.Clone(settings)
	}
	for _, key := range []string{jsondata.DerivedFields, jsondata.OwnershipKey, jsondata.DigestKey} {
		if observed[key] != nil {
			made[key] = observed[key]
		}
	}
	var wanted map[string]any
	if !r.absent() {
		wanted = r.Settings
	}
	if r.absent() || len(r.Secrets)+len(r.HTTPHeaders) == 0 {
		delete(made, jsondata.DigestKey)
	}
	theirs := jsondata.Fields{ByFile: r.byFile, OwnFile: r.ownFile}
	theirs.Removed = theirs.Unwanted(observed, wanted)
	theirs.Apply(made, observed)
	if r.byFile {
		jsondata.Notes{Adopted: true}.Put(made)
	}
	return made
}

// noted are the fields of a data source that notes are kept of.
func noted(source *grafana.Source) map[string]any {
	fields := sourceview.Written(source)
	delete(fields, "uid")
	settings := fields["jsonData"].(map[string]any)
	delete(settings, jsondata.DerivedFields)
	jsondata.OthersExemplars(settings, source.JSONData)
	return fields
}

// note records what is set in a data source and what it had before. A file
// has notes only of a data source that it took over.
func (r resolved) note(observed *grafana.Source, made grafana.Source) {
	if observed == nil {
		jsondata.Notes{Made: !r.byFile}.Put(made.JSONData)
		return
	}
	notes, found := jsondata.NotesIn(observed.JSONData)
	if r.byFile && (notes.Made || !found && !r.adopts) {
		jsondata.Notes{}.Put(made.JSONData)
		return
	}
	if r.restores(observed) {
		notes, observed = jsondata.Notes{Made: notes.Made}, r.restored(observed)
	}
	before, after := noted(observed), noted(&made)
	if holdsLogin(observed) {
		before["url"] = after["url"]
	}
	notes.Adopted = r.byFile
	notes.Noting(before, after).Put(made.JSONData)
}

// holdsLogin reports a URL that is not noted: whoever may query the data source may
// read the notes, other than the URL.
func holdsLogin(source *grafana.Source) bool { return option.CheckNoLogin(source.URL) != nil }

// warnLogin warns about a URL that will not be restored.
func (p *planner) warnLogin() {
	if observed := p.status.Source; holdsLogin(observed) && p.proposal.Source.URL != observed.URL {
		p.plan.Warn("the URL that data source %s has so far holds a login, so it is not recorded: keep it yourself, since it cannot be restored", observed.Name)
	}
}

// restoreFile plans that a data source which a file took over stays in it, with
// what it had before.
func (p *planner) restoreFile() error {
	file, made := p.status.File, p.proposal.Source
	p.plan.Warn("data source %s stays in %s with what it had before, since it was there before this module; set restore: false to delete it anyway", made.Name, file.Object)
	if err := p.writeFile(); err != nil || !file.Asked || len(p.plan.Changes) == 0 {
		return err
	}
	p.add("grafana/"+made.UID, plan.Await, nil, nil, p.client.awaitLoaded(made.UID, &made, file.Target.String()))
	return nil
}

// restore plans the end of what was set in a data source that stays.
func (p *planner) restore() error {
	observed := p.status.Source
	if _, found := jsondata.NotesIn(observed.JSONData); !found && !p.proposal.differs() {
		p.plan.Warn("data source %s stays: there is no record that this module made it; set restore: false to delete it anyway", observed.Name)
		return nil
	}
	if !p.proposal.differs() {
		return nil
	}
	p.warnSecrets()
	p.add(p.path, plan.Update, p.proposal.Before, p.proposal.After, p.client.updateSource(p.proposal, observed))
	if observed.ReadOnly {
		return sourceview.Provisioned("restore data source "+observed.Name, p.status.Origin, " and differs in "+sourceview.Keys(p.proposal.Before, p.proposal.After), p.fileProposal())
	}
	return nil
}

// warnSecrets warns of secrets of this module that stay in a data source whose
// other fields are restored.
func (p *planner) warnSecrets() {
	observed := p.status.Source
	digests, _ := observed.JSONData[jsondata.DigestKey].(map[string]any)
	if p.proposal.Source.JSONData[jsondata.DigestKey] != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(digests)) {
		if slices.Contains(observed.SecretsSet, name) {
			p.plan.Warn("the secret %s of data source %s stays as this module set it, since Grafana does not return secrets: set it again there", name, observed.Name)
		}
	}
}
