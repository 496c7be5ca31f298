// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
)

// reach makes the clients of the cluster and finds Grafana's sidecar there.
// What the task gives is not looked for.
func (m *Module) reach(ctx context.Context, args Args) error {
	if m.sidecar != nil {
		return nil
	}
	clients, err := args.cluster().Clients()
	if err != nil {
		return err
	}
	m.kube = &clients
	if args.Namespace != "" && args.ConfigMapLabel != "" {
		label, value, _ := strings.Cut(args.ConfigMapLabel, "=")
		m.sidecar = &grafana.Sidecar{Namespace: args.Namespace, Label: label, Value: value}
		return nil
	}
	found, err := grafana.FindSidecar(ctx, clients.Apps, args.Namespace)
	if err != nil {
		return err
	}
	if args.ConfigMapLabel != "" {
		found.Label, found.Value, _ = strings.Cut(args.ConfigMapLabel, "=")
	}
	m.sidecar = &found
	return nil
}

// byFile reads what is in the cluster, and what Grafana has made of it where
// its address is known.
func (m *Module) byFile(ctx context.Context, args Args, have *State) error {
	if err := m.reach(ctx, args); err != nil {
		return err
	}
	have.File.Target = m.target(args)
	if have.File.Target.Kind == grafana.Secret && !m.sidecar.Takes(grafana.Secret) {
		return fault.New(fault.Unsupported, "set sidecar.datasources.resource: both in Grafana's chart, or use via: api",
			"provision data source %s: it has secrets, and Grafana's sidecar reads no Secrets", args.label())
	}
	if err := m.readFile(ctx, have); err != nil {
		return err
	}
	if have.File.Holder == nil || args.claims(have.Source) {
		if err := m.rivals(ctx, args, have); err != nil {
			return err
		}
	}
	if have.Source == nil || m.unlike(args, have.Source) {
		have.File.Going = m.kube.Gone(ctx, have.File.Target.Namespace)
	}
	return m.askGrafana(ctx, args, have)
}

// target is where the file belongs: a Secret where the task gives secrets.
func (m *Module) target(args Args) grafana.Holder {
	kind := grafana.ConfigMap
	if len(args.secrets())+len(args.HTTPHeaders) > 0 || !m.sidecar.Takes(grafana.ConfigMap) {
		kind = grafana.Secret
	}
	value := m.sidecar.Value
	if value == "" {
		value = "1" // the sidecar takes any
	}
	return grafana.Holder{Kind: kind, Namespace: m.sidecar.Namespace, Name: args.object(), Labels: map[string]string{
		m.sidecar.Label: value, kube.ManagedByLabel: kube.Manager,
	}}
}

// object is the name of the ConfigMap or Secret.
func (a Args) object() string {
	if a.ConfigMapName != "" {
		return a.ConfigMapName
	}
	return "grafana-datasource-" + strings.Trim(strings.ToLower(strings.ReplaceAll(a.likelyUID(), "_", "-")), "-")
}

// fileKey is the file's name. The sidecar puts the files of all objects into
// one folder, so that it holds the object's name.
func fileKey(holder grafana.Holder) string { return holder.Name + ".yaml" }

// readFile looks for the object in the kind that is wanted, then in the other.
func (m *Module) readFile(ctx context.Context, have *State) error {
	target := have.File.Target
	other := map[string]string{grafana.ConfigMap: grafana.Secret, grafana.Secret: grafana.ConfigMap}[target.Kind]
	for _, kind := range []string{target.Kind, other} {
		held, err := grafana.ReadHolder(ctx, m.kube.Core, kind, target.Namespace, target.Name)
		if err != nil {
			return err
		}
		if held == nil {
			continue
		}
		return have.take(held)
	}
	return nil
}

// take reads the file out of its object. A secret of somebody's that was put
// into a Secret keeps it one.
func (s *State) take(held *grafana.Holder) error {
	content := held.Files[fileKey(*held)]
	held.Files = nil
	s.File.Holder = held
	if held.Kind == grafana.Secret {
		s.File.Target.Kind = grafana.Secret
	}
	if !held.Ours() || content == nil {
		return nil
	}
	file, err := grafana.ReadFile(content)
	if err != nil {
		return nil // written over: the object is ours
	}
	s.File.Removes = len(file.Deleted) > 0
	if len(file.Sources) > 0 {
		s.Source = &file.Sources[0]
	}
	return nil
}

// rivals looks through the other provisioning files for the name, the uid and
// the default: two of a kind stop Grafana's start.
func (m *Module) rivals(ctx context.Context, args Args, have *State) error {
	if args.absent() {
		return nil
	}
	holders, err := grafana.ListHolders(ctx, m.kube.Core, *m.sidecar)
	if err != nil {
		return err
	}
	for _, held := range grafana.AllHeld(holders) {
		switch {
		case held.Source.OrgID != args.org(), held.Holder.Name == have.File.Target.Name:
		case args.Name != "" && held.Source.Name == args.Name, held.Source.UID != "" && held.Source.UID == args.likelyUID():
			have.Origin = &held
		case held.Source.IsDefault:
			have.Default = held.Source.Name
		}
	}
	return nil
}

// askGrafana reads what Grafana has, where its address is known.
func (m *Module) askGrafana(ctx context.Context, args Args, have *State) error {
	if !args.Given() {
		return nil
	}
	if err := m.connect(ctx, args); err != nil {
		return err
	}
	live, err := m.client.Source(ctx, args.likelyUID())
	if err != nil {
		return err
	}
	have.File.Asked, have.File.Live = true, live
	if have.File.Holder == nil && live == nil && !args.absent() {
		all, err := m.client.Sources(ctx)
		if err != nil {
			return err
		}
		have.Namesake = named(all, args.Name)
	}
	return m.checkHealth(ctx, args, have, live)
}

// unlike reports whether the task wants anything else than what is there.
func (m *Module) unlike(args Args, there *grafana.Source) bool {
	want, err := m.Desired(args)
	if err != nil || want.Wish.Absent {
		return true
	}
	made := want.Wish.onto(there, m.secretsWritten)
	before, after := difference(there, &made)
	return len(before)+len(after) > 0
}

// originate finds out where a read-only data source comes from. A file that
// this module wrote is written by it again, unless the task insists on the API.
// Without access to the cluster the answer stays open: that is no error, since
// the task did not ask for the cluster.
func (m *Module) originate(ctx context.Context, args Args, have *State) error {
	if m.reach(ctx, args) != nil {
		return nil
	}
	holders, err := grafana.ListHolders(ctx, m.kube.Core, *m.sidecar)
	if err != nil {
		return nil
	}
	for _, held := range grafana.AllHeld(holders) {
		if held.Source.Name == have.Source.Name && held.Source.OrgID == have.Source.OrgID {
			have.Origin = &held
		}
	}
	if args.Via == viaAuto && have.Origin != nil && have.Origin.Holder.Ours() && have.Origin.Holder.Name == args.object() {
		m.via = viaConfigMap
	}
	return nil
}
