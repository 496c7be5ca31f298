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
	remove struct{ uid string }
	// putFile and dropFile write to the cluster.
	putFile  struct{ holder grafana.Holder }
	dropFile struct{ holder grafana.Holder }
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
	made, err := m.client.Create(ctx, whole)
	if err != nil {
		return err
	}
	m.secretsWritten = true
	if s.wish.IsDefault != nil && made.IsDefault != *s.wish.IsDefault {
		return update{wish: s.wish, have: made}.do(ctx, m)
	}
	return nil
}

// do updates. When somebody was faster the data source is read again, the wish
// is laid over what they made of it, and that is sent, once.
func (s update) do(ctx context.Context, m *Module) error {
	err := s.send(ctx, m)
	if !grafana.Outdated(err) {
		return err
	}
	if s.have, err = m.client.Source(ctx, s.have.UID); err != nil {
		return err
	}
	return s.send(ctx, m)
}

func (s update) send(ctx context.Context, m *Module) error {
	whole, err := withDigests(s.wish.onto(s.have, m.secretsWritten), s.wish.UpdateSecret)
	if err != nil {
		return err
	}
	if err := m.client.Update(ctx, whole.UID, whole); err != nil {
		return err
	}
	m.secretsWritten = true
	return nil
}

func (s remove) do(ctx context.Context, m *Module) error {
	return m.client.Delete(ctx, s.uid)
}

func (s putFile) do(ctx context.Context, m *Module) error {
	return grafana.PutHolder(ctx, m.kube.Core, s.holder)
}

func (s dropFile) do(ctx context.Context, m *Module) error {
	return grafana.DeleteHolder(ctx, m.kube.Core, s.holder)
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
