// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// filePlan is Plan for the way by ConfigMap: write the file, then wait until
// Grafana has read it, where its address is known. A file that a GitOps tool keeps
// is left to it.
func filePlan(wish *Wish, have State, path string) (plan.Plan, error) {
	p, err := fileSteps(wish, have, path)
	switch {
	case err != nil || len(p.Changed()) == 0:
		return p, err
	case have.File.Going != nil && !wish.Absent:
		return plan.Plan{}, have.File.Going
	case have.File.Holder == nil || !have.File.Holder.Owner.Foreign():
		return p, nil
	}
	return plan.Plan{}, foreign(*have.File.Holder, p)
}

// foreign refuses to change what something else puts back. The hint has the file
// for the place where it lasts, unless it holds secrets.
func foreign(holder grafana.Holder, p plan.Plan) error {
	hint := "change it in " + holder.Owner.Place + ", or give another configmap_name"
	for _, change := range p.Changed() {
		put, is := change.Payload.(putFile)
		if is && put.holder.Kind == grafana.ConfigMap {
			hint += "; the file is:\n" + string(put.holder.Files[fileKey(put.holder)])
		}
	}
	return fault.New(fault.Conflict, hint, "write %s: it belongs to %s, which would undo the change", holder, holder.Owner.Name)
}

func fileSteps(wish *Wish, have State, path string) (plan.Plan, error) {
	file := have.File
	if file.Holder != nil && !file.Holder.Ours() {
		return plan.Plan{}, fault.New(fault.Conflict, "give another configmap_name", "write %s: it is there and was not made by this module", file.Holder)
	}
	if wish.Absent {
		return fileAbsence(wish, have, path)
	}
	if file.Holder == nil && wish.onlyRemoves() {
		return plan.Plan{}, nil // no file to remove a field from
	}
	if have.Origin != nil {
		return plan.Plan{}, provisioned("provision data source "+wish.Label, have.Origin, " already")
	}
	if err := clash(wish, have); err != nil {
		return plan.Plan{}, err
	}
	return filePresence(wish, have, path)
}

func filePresence(wish *Wish, have State, path string) (plan.Plan, error) {
	p, file := plan.Plan{}, have.File
	made := wish.onto(have.base(), false)
	made.OrgID = wish.OrgID
	if err := acceptable(wish, have, &made); err != nil {
		return p, err
	}
	have.warn(&p, made)
	have.unstreamed(&p)
	before, after := difference(have.Source, &made)
	all := wish.kept(have.Source, made)
	put(before, "secureJsonData", marks(have.Source, all))
	made.Secrets = all
	moved := file.Holder != nil && file.Holder.Kind != file.Target.Kind
	if moved {
		p.Add(plan.Change{Path: object(*file.Holder), Verb: plan.Delete, Before: "moved to a " + file.Target.Kind, Payload: dropFile{*file.Holder}})
	}
	if have.Source == nil || moved || len(before)+len(after) > 0 {
		holder, err := filled(file.Target, have.renaming(made))
		if err != nil {
			return p, err
		}
		p.Add(plan.Change{Path: path, Verb: verb(have.Source), Before: orNil(before), After: after, Payload: putFile{holder}})
	}
	if file.Asked && (len(p.Changes) > 0 || unloaded(file.Live, &made) != "") {
		p.Add(plan.Change{Path: "grafana/" + made.UID, Verb: plan.Await, Payload: untilLoaded{made.UID, &made, file.Target.String()}})
		if wish.AskTempo && len(p.Changed()) > 0 {
			p.Add(plan.Change{Path: "tempo/" + made.UID, Verb: plan.Await, Payload: streamFile{wish, file.Target, made}})
		}
		return p, nil
	}
	return p, unhealthy(wish, have)
}

// base is what the wish is laid over: the file's data source, or that which
// Grafana has from elsewhere and which the file takes over.
func (s State) base() *grafana.Source {
	if s.Source != nil || s.File.Live == nil {
		return s.Source
	}
	adopted := undigested(*s.File.Live)
	adopted.SecretsSet = nil // a file replaces them all
	return &adopted
}

func acceptable(wish *Wish, have State, made *grafana.Source) error {
	if err := wish.Sample(made); err != nil {
		return err
	}
	if live := have.File.Live; have.Source == nil && live != nil && live.Name != made.Name {
		return fault.New(fault.Conflict, "choose another uid, or rename that data source first: Grafana would not start with both",
			"provision data source %s: the uid %s is that of data source %s", made.Name, live.UID, live.Name)
	}
	if have.Source != nil {
		return nil
	}
	return complete(wish, have, *made)
}

func (s State) warn(p *plan.Plan, made grafana.Source) {
	live := s.File.Live
	if s.File.Holder != nil || live == nil {
		return
	}
	if live.ReadOnly {
		p.Warn("data source %s comes from a provisioning file already: should that still be there, take it out", live.Name)
	}
	for _, name := range live.SecretsSet {
		if made.Secrets[name].Empty() {
			p.Warn("the secret %s of data source %s is lost, since a provisioning file replaces them all: give it in secure_json_data", name, live.Name)
		}
	}
}

// renaming is the file with the data source. Grafana finds provisioned data
// sources by name, so that the old name is removed first.
func (s State) renaming(made grafana.Source) grafana.File {
	file := grafana.File{Sources: []grafana.Source{made}}
	if s.Source != nil && s.Source.Name != made.Name {
		file.Deleted = []grafana.Deletion{{Name: s.Source.Name, OrgID: s.Source.OrgID}}
	}
	return file
}

// kept are all secrets of the file: those that are there and those of the task.
func (w *Wish) kept(have *grafana.Source, made grafana.Source) map[string]secret.Text {
	all := map[string]secret.Text{}
	if have != nil && !w.Replace {
		maps.Copy(all, have.Secrets)
	}
	if w.Replace {
		maps.Copy(all, w.allSecrets(&made))
	}
	maps.Copy(all, made.Secrets)
	return all
}

// marks stand for the secrets that are replaced or removed.
func marks(have *grafana.Source, all map[string]secret.Text) map[string]any {
	gone := map[string]any{}
	if have == nil {
		return gone
	}
	for name, text := range have.Secrets {
		if all[name] != text {
			gone[name] = secret.Before
		}
	}
	return gone
}

// fileAbsence tells Grafana to remove the data source: a file that is only
// deleted leaves it there. Once Grafana is seen to have done so the file goes
// too; where Grafana cannot be asked it stays, and does no harm.
func fileAbsence(wish *Wish, have State, path string) (plan.Plan, error) {
	p, file := plan.Plan{}, have.File
	if file.Holder == nil {
		return p, nil
	}
	name := wish.Name
	if have.Source != nil {
		name = have.Source.Name
		holder, err := filled(file.Target, grafana.File{Deleted: []grafana.Deletion{{Name: name, OrgID: have.Source.OrgID}}})
		if err != nil {
			return p, err
		}
		holder.Kind = file.Holder.Kind
		before, _ := difference(have.Source, nil)
		p.Add(plan.Change{Path: path, Verb: plan.Delete, Before: before, Payload: putFile{holder}})
	}
	if !file.Asked {
		p.Warn("%s stays, as it tells Grafana to remove the data source; give grafana_url to have it removed once that is done", file.Holder)
		return p, nil
	}
	if file.Live != nil {
		p.Add(plan.Change{Path: "grafana/" + file.Live.UID, Verb: plan.Await, Payload: untilLoaded{file.Live.UID, nil, file.Holder.String()}})
	}
	p.Add(plan.Change{Path: object(*file.Holder), Verb: plan.Delete, Before: "tells Grafana to remove " + name, Payload: dropFile{*file.Holder}})
	return p, nil
}

// filled returns the object with the file in it.
func filled(target grafana.Holder, file grafana.File) (grafana.Holder, error) {
	content, err := file.Write()
	if err != nil {
		return target, fault.As(fault.Internal, "", "write "+target.String(), err)
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
		return "the data source is not there yet"
	case wanted == nil:
		return "the data source is still there"
	case !live.ReadOnly:
		return "Grafana's does not come from the file yet"
	}
	compared := *wanted
	compared.Secrets, compared.IsDefault = nil, live.IsDefault
	before, after := difference(live, &compared)
	if len(before)+len(after) > 0 {
		return "Grafana's differs in " + keys(before, after)
	}
	return ""
}

func verb(have *grafana.Source) plan.Verb {
	if have == nil {
		return plan.Create
	}
	return plan.Update
}

func orNil(before map[string]any) any {
	if len(before) == 0 {
		return nil
	}
	return before
}

// object is the path of a ConfigMap or Secret.
func object(holder grafana.Holder) string {
	return map[string]string{grafana.ConfigMap: "configmap", grafana.Secret: "secret"}[holder.Kind] + "/" + holder.Namespace + "/" + holder.Name
}
