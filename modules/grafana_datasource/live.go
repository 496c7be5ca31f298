// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"

	"github.com/picluster/tracing/modules/internal/grafana"
)

// Observe reads the data source. When it is there that is one request, with the
// check of its health two.
func (m *Module) Observe(ctx context.Context, args Args) (have State, err error) {
	if m.via == "" {
		m.via = args.way()
	}
	if m.via == viaAPI {
		err = m.byAPI(ctx, args, &have)
	}
	if m.via == viaConfigMap && err == nil {
		have = State{}
		err = m.byFile(ctx, args, &have)
	}
	if err != nil {
		return have, err
	}
	m.locate(ctx, args, &have)
	if have.Old, err = m.old(ctx, args, have.base()); err != nil {
		return have, err
	}
	have.Via, have.SecretsWritten = m.via, m.secretsWritten
	have.Streaming = m.streams(ctx, args, have)
	return have, nil
}

func (m *Module) byAPI(ctx context.Context, args Args, have *State) error {
	if err := m.connect(ctx, args); err != nil {
		return err
	}
	if err := m.find(ctx, args, have); err != nil || have.Source == nil {
		return err
	}
	if have.Source.ReadOnly && m.unlike(args, have.Source) {
		return m.originate(ctx, args, have)
	}
	return m.checkHealth(ctx, args, have, have.Source)
}

func (m *Module) checkHealth(ctx context.Context, args Args, have *State, source *grafana.Source) error {
	if source == nil || args.absent() || !args.CheckHealth && !args.RequireHealthy {
		return nil
	}
	health, err := m.client.Health(ctx, source)
	have.Health = &health
	return err
}

func (m *Module) connect(ctx context.Context, args Args) (err error) {
	if m.client != nil {
		return nil
	}
	if m.client, err = grafana.Open(args.Access); err != nil {
		return err
	}
	m.digests = args.folder()
	return m.client.PickOrg(ctx)
}

// read reads a data source with the digests of its secrets; nil is none.
func (m *Module) read(ctx context.Context, uid string) (*grafana.Source, error) {
	found, err := m.client.Source(ctx, uid)
	if err != nil {
		return nil, err
	}
	return found, recall(m.digests, found)
}

// find looks by uid, and only where that does not settle it through the list.
func (m *Module) find(ctx context.Context, args Args, have *State) error {
	found, err := m.read(ctx, args.likelyUID())
	if err != nil {
		return err
	}
	if found == nil && args.absent() && args.UID != "" {
		return nil
	}
	if found != nil && args.settled(found) {
		have.Source = found
		return nil
	}
	all, err := m.client.Sources(ctx)
	if err != nil {
		return err
	}
	return m.pick(ctx, args, have, found, all)
}

// settled reports that nothing else has to be known: not who else has the name,
// nor which one is the default.
func (a Args) settled(found *grafana.Source) bool {
	return !a.claims(found) && (a.Name == "" || found.Name == a.Name || a.absent() && a.UID != "")
}

// claims reports that the task makes it the default and it is not yet.
func (a Args) claims(found *grafana.Source) bool {
	return a.IsDefault != nil && *a.IsDefault && (found == nil || !found.IsDefault)
}

// pick chooses from the list. Only a uid that the task itself gives outweighs
// the name.
func (m *Module) pick(ctx context.Context, args Args, have *State, found *grafana.Source, all []*grafana.Source) (err error) {
	byName := named(all, args.Name)
	switch {
	case found != nil && (args.UID != "" || found.Name == args.Name):
		have.Source = found
	case args.UID == "" && byName != nil:
		have.Source, err = m.read(ctx, byName.UID)
	}
	if byName != nil && (have.Source == nil || have.Source.UID != byName.UID) {
		have.Namesake = byName
	}
	for _, other := range all {
		if other.IsDefault && (have.Source == nil || other.UID != have.Source.UID) {
			have.Default = other.Name
		}
	}
	have.UIDTaken = found != nil && have.Source == nil
	return err
}

func named(all []*grafana.Source, name string) *grafana.Source {
	for _, source := range all {
		if source.Name == name && name != "" {
			return source
		}
	}
	return nil
}
