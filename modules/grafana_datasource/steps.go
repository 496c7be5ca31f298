// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/digest"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/streaming"
	"github.com/picluster/tracing/modules/internal/wait"
)

// writer is what the steps work with. Both ways of getting a data source into
// Grafana are in it: the API, and files in the cluster.
type writer struct {
	sources grafana.Writer
	files   func() (files, error)
	// digests is where the digests of secrets are kept; nil is Grafana itself.
	digests *digest.Folder
}

// files writes provisioning objects.
type files interface {
	Apply(context.Context, grafana.ProvisioningObject) error
	Delete(context.Context, grafana.ProvisioningObject) error
}

// do is what a step does.
type do = func(context.Context, writer) error

// createSource creates. Grafana makes the first data source of an organization
// its default; a task that says otherwise is obeyed with an update.
func (c *client) createSource(proposal Proposal) do {
	wanted := proposal.resolved
	return func(ctx context.Context, w writer) error {
		whole, err := withDigests(proposal.Source, wanted.UpdateSecret)
		if err != nil {
			return err
		}
		made, err := c.send(ctx, w, whole, w.sources.Create)
		if err != nil {
			return err
		}
		if wanted.IsDefault != nil && made.IsDefault != *wanted.IsDefault {
			return c.update(ctx, w, wanted, made)
		}
		return c.stream(ctx, w, wanted, made)
	}
}

func (c *client) updateSource(proposal Proposal, observed *grafana.Source) do {
	return func(ctx context.Context, w writer) error { return c.update(ctx, w, proposal.resolved, observed) }
}

func (c *client) deleteSource(source *grafana.Source) do {
	return func(ctx context.Context, w writer) error {
		err := w.sources.Delete(ctx, source.UID)
		if err != nil || w.digests == nil {
			return err
		}
		return w.digests.Forget(digestKey(source))
	}
}

// update updates. When somebody else was faster the data source is read again,
// the spec is merged into what they made of it, and that is sent, once.
func (c *client) update(ctx context.Context, w writer, wanted resolved, observed *grafana.Source) error {
	made, err := c.sendUpdate(ctx, w, wanted, observed)
	if grafana.Outdated(err) {
		if observed, err = c.read(ctx, observed.UID); err != nil {
			return err
		}
		made, err = c.sendUpdate(ctx, w, wanted, observed)
	}
	if err != nil {
		return err
	}
	return c.stream(ctx, w, wanted, made)
}

func (c *client) sendUpdate(ctx context.Context, w writer, wanted resolved, observed *grafana.Source) (*grafana.Source, error) {
	whole, err := withDigests(wanted.mergeInto(observed, c.secretsWritten), wanted.UpdateSecret)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, w, whole, w.sources.Update)
}

// stream switches streaming on once Grafana has the data source, through which
// Tempo can be asked.
func (c *client) stream(ctx context.Context, w writer, wanted resolved, made *grafana.Source) error {
	if !wanted.askTempo {
		return nil
	}
	wanted = wanted.answered(streaming.Ask(ctx, c.grafana, made.UID, wanted.Streaming))
	if wanted.askTempo {
		return nil // nothing streams
	}
	return c.update(ctx, w, wanted, made)
}

// send writes a data source, and the digests of its secrets where Grafana does
// not keep them. It returns what Grafana has made of it, with the digests.
func (c *client) send(ctx context.Context, w writer, whole grafana.Source, write func(context.Context, grafana.Source) (*grafana.Source, error)) (*grafana.Source, error) {
	if w.digests == nil || whole.JSONData[jsondata.DigestKey] == nil {
		made, err := write(ctx, whole)
		c.secretsWritten = c.secretsWritten || err == nil
		return made, err
	}
	if err := w.digests.Ready(); err != nil {
		return nil, err
	}
	made, err := write(ctx, undigested(whole))
	if err != nil {
		return nil, err
	}
	c.secretsWritten = true
	if err := w.digests.Keep(digestPage(whole, made)); err != nil {
		return nil, err
	}
	return made, recall(c.digests, made)
}

func applyFile(object grafana.ProvisioningObject) do {
	return func(ctx context.Context, w writer) error {
		files, err := w.files()
		if err != nil {
			return err
		}
		return files.Apply(ctx, object)
	}
}

func deleteFile(object grafana.ProvisioningObject) do {
	return func(ctx context.Context, w writer) error {
		files, err := w.files()
		if err != nil {
			return err
		}
		return files.Delete(ctx, object)
	}
}

// enableStreaming asks Tempo once Grafana has loaded the file, writes it again
// and waits.
func (c *client) enableStreaming(proposal Proposal, target grafana.ProvisioningObject) do {
	wanted, source := proposal.resolved, proposal.Source
	return func(ctx context.Context, w writer) error {
		made := wanted.answered(streaming.Ask(ctx, c.grafana, source.UID, wanted.Streaming)).mergeInto(&source, true)
		made.Secrets = source.Secrets
		if jsondata.Same(made.JSONData, source.JSONData) {
			return nil // nothing streams
		}
		object, err := withFile(target, grafana.File{Sources: []grafana.Source{made}})
		if err != nil {
			return err
		}
		if err := applyFile(object)(ctx, w); err != nil {
			return err
		}
		return c.awaitLoaded(made.UID, &made, target.String())(ctx, w)
	}
}

// awaitLoaded waits until Grafana has made of the file what is in it. A nil
// source is one that should be gone.
func (c *client) awaitLoaded(uid string, source *grafana.Source, from string) do {
	return func(ctx context.Context, _ writer) error {
		err := wait.Until(ctx, "Grafana to load "+from, loadInterval, func(ctx context.Context) (bool, string, error) {
			live, err := c.grafana.Source(ctx, uid)
			if err != nil {
				return false, "", err
			}
			missing := unloaded(live, source)
			return missing == "", missing, nil
		})
		if err == nil || fault.KindOf(err) != fault.Timeout {
			return err
		}
		return fault.Wrap(fault.Timeout, "look at the log of the sidecar beside Grafana: its login may be refused (401), or another provisioning file is wrong (500)",
			"load data source "+uid, err)
	}
}

const loadInterval = 500 * time.Millisecond
