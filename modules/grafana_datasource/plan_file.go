// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/sourceview"
)

// file plans the way by ConfigMap: write the file, then wait until Grafana has
// read it, where its address is known. A file that a GitOps tool keeps is left to
// it.
func (p *planner) file() error {
	if err := p.fileChanges(); err != nil || len(p.plan.Changed()) == 0 {
		return err
	}
	file, err := p.status.File, error(nil)
	switch {
	case file.Deleting != nil && !p.spec.absent():
		err = file.Deleting
	case file.Object != nil && file.Object.Owner.Foreign():
		err = p.foreign(*file.Object)
	}
	if err != nil {
		p.plan = plan.Plan{}
	}
	return err
}

// foreign refuses to change what something else puts back. The hint has the file
// for the place where it lasts, without its secrets.
func (p *planner) foreign(object grafana.ProvisioningObject) error {
	hint := "change it in " + object.Owner.Place + ", or give another configmap_name"
	if p.written != nil {
		hint += "; the file is" + sourceview.File(p.written.Files[fileKey(*p.written)])
	}
	return fault.New(fault.Conflict, hint, "write %s: it belongs to %s, which would undo the change", object, object.Owner.Name)
}

func (p *planner) fileChanges() error {
	object := p.status.File.Object
	switch {
	case object != nil && !object.Ours():
		return fault.New(fault.Conflict, "give another configmap_name", "write %s: it exists and was not made by this module", object)
	case p.status.leavesInPlace(p.spec):
		return p.restoreFile()
	case p.spec.absent():
		return p.fileAbsence()
	case object == nil && p.proposal.onlyRemoves():
		return nil // no file to remove a field from
	case p.status.Origin != nil:
		return p.acceptOrigin()
	}
	if err := p.conflict(); err != nil {
		return err
	}
	if p.status.hasNoTarget(p.spec) {
		p.plan = without(p.spec, p.withoutURL(p.proposal.Source.Type, p.status.Missing))
		return nil
	}
	if err := p.acceptable(); err != nil {
		return err
	}
	return p.filePresence()
}

func (p *planner) acceptable() error {
	made := p.proposal.Source
	if _, err := p.spec.sampled(&made); err != nil {
		return err
	}
	if live := p.status.File.Live; p.status.Source == nil && live != nil && live.Name != made.Name {
		return fault.New(fault.Conflict, "choose another uid, or rename that data source first: Grafana would not start with both",
			"provision data source %s: the uid %s is that of data source %s", made.Name, live.UID, live.Name)
	}
	if p.status.Source != nil {
		return nil
	}
	return p.complete()
}

func (p *planner) filePresence() error {
	p.warnAdopted()
	p.status.warnOff(&p.plan)
	p.warnForeignFields()
	if err := p.writeFile(); err != nil {
		return err
	}
	file, made := p.status.File, p.proposal.Source
	if !file.Asked || len(p.plan.Changes) == 0 && unloaded(file.Live, &made) == "" {
		return p.unhealthy()
	}
	p.add("grafana/"+made.UID, plan.Await, nil, nil, p.client.awaitLoaded(made.UID, &made, file.Target.String()))
	if p.proposal.askTempo && len(p.plan.Changed()) > 0 {
		p.add("tempo/"+made.UID, plan.Await, nil, nil, p.client.enableStreaming(p.proposal, file.Target))
	}
	return nil
}

// writeFile plans the object with the file, and the end of one of the other kind.
func (p *planner) writeFile() error {
	file := p.status.File
	moved := file.Object != nil && file.Object.Kind != file.Target.Kind
	if moved {
		p.add(objectPath(*file.Object), plan.Delete, "moved to a "+file.Target.Kind, nil, deleteFile(*file.Object))
	}
	if p.status.Source != nil && !moved && !p.proposal.differs() {
		return nil
	}
	return p.write(file.Target, p.status.renaming(p.proposal.Source), p.verb(), plan.Side(p.proposal.Before), p.proposal.After)
}

// write plans that an object gets a file.
func (p *planner) write(target grafana.ProvisioningObject, file grafana.File, verb plan.Verb, before, after any) error {
	object, err := withFile(target, file)
	if err != nil {
		return err
	}
	p.written = &object
	p.add(p.path, verb, before, after, applyFile(object))
	return nil
}

// warnAdopted warns of what the file replaces in a data source that Grafana has
// from elsewhere.
func (p *planner) warnAdopted() {
	live := p.status.File.Live
	if p.status.File.Object != nil || live == nil {
		return
	}
	if live.ReadOnly {
		p.plan.Warn("data source %s comes from a provisioning file already: if that file still exists, remove it there", live.Name)
	}
	for _, name := range live.SecretsSet {
		if p.proposal.Source.Secrets[name].Empty() {
			p.plan.Warn("the secret %s of data source %s is lost, since a provisioning file replaces them all: give it in secure_json_data", name, live.Name)
		}
	}
}

// renaming is the file with the data source. Grafana finds provisioned data
// sources by name, so that the old name is removed first.
func (s Status) renaming(made grafana.Source) grafana.File {
	file := grafana.File{Sources: []grafana.Source{made}}
	if s.Source != nil && s.Source.Name != made.Name {
		file.Deleted = []grafana.Deletion{{Name: s.Source.Name, OrgID: s.Source.OrgID}}
	}
	return file
}

// fileAbsence tells Grafana to remove the data source: a file that is only
// deleted leaves it there. Once Grafana is seen to have done so the file goes
// too; where Grafana cannot be asked it stays, and does no harm.
func (p *planner) fileAbsence() error {
	file, name := p.status.File, p.spec.Name
	if file.Object == nil {
		return nil
	}
	if observed := p.status.Source; observed != nil {
		name = observed.Name
		target := file.Target
		target.Kind = file.Object.Kind
		before, _ := sourceview.Difference(observed, nil)
		if err := p.write(target, grafana.File{Deleted: []grafana.Deletion{{Name: name, OrgID: observed.OrgID}}}, plan.Delete, before, nil); err != nil {
			return err
		}
	}
	if !file.Asked {
		p.plan.Warn("%s stays, as it tells Grafana to remove the data source; give grafana_url to have it removed once that is done", file.Object)
		return nil
	}
	if file.Live != nil {
		p.add("grafana/"+file.Live.UID, plan.Await, nil, nil, p.client.awaitLoaded(file.Live.UID, nil, file.Object.String()))
	}
	p.add(objectPath(*file.Object), plan.Delete, "tells Grafana to remove "+name, nil, deleteFile(*file.Object))
	return nil
}

// withFile returns the object with the file in it.
func withFile(target grafana.ProvisioningObject, file grafana.File) (grafana.ProvisioningObject, error) {
	content, err := file.Write()
	if err != nil {
		return target, fault.Wrap(fault.Internal, "", "write "+target.String(), err)
	}
	target.Files = map[string][]byte{fileKey(target): content}
	return target, nil
}

// unloaded says what Grafana has not yet made of a file, "" for nothing. Secrets
// cannot be compared, and the first data source is made a default by Grafana.
func unloaded(live, wanted *grafana.Source) string {
	switch {
	case live == nil && wanted == nil:
		return ""
	case live == nil:
		return "the data source does not exist yet"
	case wanted == nil:
		return "the data source still exists"
	case !live.ReadOnly:
		return "Grafana's does not come from the file yet"
	}
	compared := *wanted
	compared.Secrets, compared.IsDefault = nil, live.IsDefault
	before, after := sourceview.Difference(live, &compared)
	if len(before)+len(after) > 0 {
		return "Grafana's differs in " + sourceview.Keys(before, after)
	}
	return ""
}

func (p *planner) verb() plan.Verb {
	if p.status.Source == nil {
		return plan.Create
	}
	return plan.Update
}

// objectPath is the path of a ConfigMap or Secret.
func objectPath(object grafana.ProvisioningObject) string {
	return map[string]string{grafana.ConfigMap: "configmap", grafana.Secret: "secret"}[object.Kind] + "/" + object.Namespace + "/" + object.Name
}
