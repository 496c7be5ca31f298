// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/wait"
)

// step is what a change does in Grafana.
type step interface {
	do(context.Context, *Module) error
}

type (
	create struct {
		source grafana.Source
		wish   *Wish
	}
	update struct {
		wish *Wish
		have *grafana.Source
	}
	remove struct{ source *grafana.Source }
	// putFile and dropFile write to the cluster.
	putFile  struct{ holder grafana.Holder }
	dropFile struct{ holder grafana.Holder }
	// streamFile puts streaming into a file, where Tempo does.
	streamFile struct {
		wish   *Wish
		target grafana.Holder
		source grafana.Source
	}
	// untilLoaded waits for Grafana. A nil source is one that is to be gone.
	untilLoaded struct {
		uid    string
		source *grafana.Source
		from   string
	}
)

// Apply does one change.
func (m *Module) Apply(ctx context.Context, _ Args, change plan.Change) error {
	return change.Payload.(step).do(ctx, m)
}

// do creates. Grafana makes the first data source of an organization its
// default; a task that says otherwise is obeyed with an update.
func (s create) do(ctx context.Context, m *Module) error {
	whole, err := withDigests(s.source, s.wish.UpdateSecret)
	if err != nil {
		return err
	}
	made, err := m.send(ctx, whole, m.client.Create)
	if err != nil {
		return err
	}
	if s.wish.IsDefault != nil && made.IsDefault != *s.wish.IsDefault {
		return update{wish: s.wish, have: made}.do(ctx, m)
	}
	return m.stream(ctx, s.wish, made)
}

// stream switches streaming on once Grafana has the data source, by way of which
// Tempo can be asked.
func (m *Module) stream(ctx context.Context, wish *Wish, made *grafana.Source) error {
	if !wish.AskTempo {
		return nil
	}
	wish = wish.with(m.askTempo(ctx, made.UID, wish.Streaming))
	if wish.AskTempo {
		return nil // nothing streams
	}
	return update{wish: wish, have: made}.do(ctx, m)
}

// do updates. When somebody was faster the data source is read again, the wish
// is laid over what they made of it, and that is sent, once.
func (s update) do(ctx context.Context, m *Module) error {
	made, err := s.send(ctx, m)
	if grafana.Outdated(err) {
		if s.have, err = m.read(ctx, s.have.UID); err != nil {
			return err
		}
		made, err = s.send(ctx, m)
	}
	if err != nil {
		return err
	}
	return m.stream(ctx, s.wish, made)
}

func (s update) send(ctx context.Context, m *Module) (*grafana.Source, error) {
	whole, err := withDigests(s.wish.onto(s.have, m.secretsWritten), s.wish.UpdateSecret)
	if err != nil {
		return nil, err
	}
	return m.send(ctx, whole, m.client.Update)
}

// send writes a data source, and the digests of its secrets where Grafana does
// not keep them. It returns what Grafana has made of it, with the digests.
func (m *Module) send(ctx context.Context, whole grafana.Source, write func(context.Context, grafana.Source) (*grafana.Source, error)) (*grafana.Source, error) {
	if m.digests == nil || whole.JSONData[digestKey] == nil {
		made, err := write(ctx, whole)
		m.secretsWritten = m.secretsWritten || err == nil
		return made, err
	}
	if err := m.digests.Ready(); err != nil {
		return nil, err
	}
	made, err := write(ctx, undigested(whole))
	if err != nil {
		return nil, err
	}
	m.secretsWritten = true
	if err := m.digests.Keep(page(whole, made)); err != nil {
		return nil, err
	}
	return made, recall(m.digests, made)
}

func (s remove) do(ctx context.Context, m *Module) error {
	err := m.client.Delete(ctx, s.source.UID)
	if err != nil || m.digests == nil {
		return err
	}
	return m.digests.Forget(thing(s.source))
}

func (s putFile) do(ctx context.Context, m *Module) error {
	return grafana.PutHolder(ctx, m.kube.Core, s.holder)
}

func (s dropFile) do(ctx context.Context, m *Module) error {
	return grafana.DeleteHolder(ctx, m.kube.Core, s.holder)
}

// do asks Tempo once Grafana has loaded the file, writes it again and waits.
func (s streamFile) do(ctx context.Context, m *Module) error {
	said := m.askTempo(ctx, s.source.UID, s.wish.Streaming)
	made := s.wish.with(said).onto(&s.source, true)
	made.Secrets = s.source.Secrets
	if same(made.JSONData, s.source.JSONData) {
		return nil // nothing streams
	}
	holder, err := filled(s.target, grafana.File{Sources: []grafana.Source{made}})
	if err != nil {
		return err
	}
	if err := (putFile{holder}).do(ctx, m); err != nil {
		return err
	}
	return untilLoaded{made.UID, &made, s.target.String()}.do(ctx, m)
}

// do waits until Grafana has made of the file what stands in it.
func (s untilLoaded) do(ctx context.Context, m *Module) error {
	err := wait.Until(ctx, "Grafana to load "+s.from, loadInterval, func(ctx context.Context) (bool, string, error) {
		live, err := m.client.Source(ctx, s.uid)
		if err != nil {
			return false, "", err
		}
		missing := unloaded(live, s.source)
		return missing == "", missing, nil
	})
	if err == nil || fault.KindOf(err) != fault.Timeout {
		return err
	}
	return fault.As(fault.Timeout, "look at the log of the sidecar beside Grafana: its login may be refused (401), or another provisioning file is wrong (500)",
		"load data source "+s.uid, err)
}

const loadInterval = 500 * time.Millisecond
