// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/streaming"
)

// Status is what was observed in Grafana and in the cluster. Nil is absent.
type Status struct {
	Source *grafana.Source
	// Absent says that there is no Grafana, where that is no error.
	Absent error
	// Namesake is another data source that has the wanted name.
	Namesake *grafana.Source
	// Via is how it gets into Grafana.
	Via string
	// UIDTaken reports that another data source has the uid made from the name.
	UIDTaken bool
	// Default names another data source that is the organization's default.
	Default string
	// NeedsLegacyLink reports a Grafana that knows the link to logs by its old
	// name only.
	NeedsLegacyLink bool
	// Unlabelled is the version of a Grafana that knows no derived fields by label,
	// where one is needed; "" for any other.
	Unlabelled string
	// Address is the URL that was found in the cluster for a data source that is
	// created without one, or for a Tempo that the task names, and Missing why there
	// is none.
	Address string
	Missing error
	// Streaming is what Tempo says of it; nil when it was not asked.
	Streaming *streaming.Answer
	// Health is nil when it was not asked for.
	Health *grafana.Health
	// Origin is where a data source comes from that somebody else provisions.
	Origin *grafana.ProvisionedSource
	// File is what is in the cluster, for the way by ConfigMap.
	File File
	// Proposal is what the data source would become.
	Proposal Proposal
}

// File is a provisioning file in the cluster. Its data source is Status.Source.
type File struct {
	// Target is where the file belongs, without its content.
	Target grafana.ProvisioningObject
	// Object is the existing one; nil for none. Its content is left out.
	Object *grafana.ProvisioningObject
	// Deleting says that the namespace is being deleted; nil when it is not.
	Deleting error
	// Asked reports that Grafana was asked too, and Live is what it has.
	Asked bool
	Live  *grafana.Source
}

// Observe reads the data source. When it exists that is one request, with the
// check of its health two.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	if c.via == viaAPI {
		if status, err = c.observe(ctx, spec, c.readAPI); err != nil {
			return status, err
		}
		if !status.readOnly(spec) {
			return status, c.checkHealth(ctx, spec, &status, status.Source)
		}
		c.findOrigin(ctx, spec, &status)
	}
	if c.via == viaAPI {
		return status, nil
	}
	if status, err = c.observe(ctx, spec, c.readFile); err != nil {
		if !spec.Required && errors.Is(err, grafana.ErrNoGrafana) {
			return Status{Via: c.via, Absent: err}, nil
		}
		return status, err
	}
	if err := c.checkNamespace(ctx, spec, &status); err != nil {
		return status, err
	}
	return status, c.checkHealth(ctx, spec, &status, status.File.Live)
}

// observe reads by one of the two ways, finds out what else the proposal needs,
// and makes it.
func (c *client) observe(ctx context.Context, spec Spec, read func(context.Context, Spec, *Status) error) (status Status, err error) {
	status.Via = c.via
	if err := read(ctx, spec, &status); err != nil {
		return status, err
	}
	if err := c.locate(ctx, spec, &status); err != nil {
		return status, err
	}
	if status.NeedsLegacyLink, err = c.needsLegacyLink(ctx, spec, status.base()); err != nil {
		return status, err
	}
	if status.Unlabelled, err = c.unlabelled(ctx, spec, status.base()); err != nil {
		return status, err
	}
	status.Streaming = c.streams(ctx, spec, status)
	status.Proposal = status.proposal(spec, c.secretsWritten)
	return status, nil
}

// readOnly reports a data source that differs and that the API cannot change.
func (s Status) readOnly(spec Spec) bool {
	return s.Source != nil && s.Source.ReadOnly && (spec.absent() || s.Proposal.differs())
}

// base is what the spec is merged into: the file's data source, or that which
// Grafana has from elsewhere and which the file takes over.
func (s Status) base() *grafana.Source {
	if s.Source != nil || s.File.Live == nil {
		return s.Source
	}
	adopted := undigested(*s.File.Live)
	adopted.SecretsSet = nil // a file replaces them all
	return &adopted
}

func (c *client) checkHealth(ctx context.Context, spec Spec, status *Status, source *grafana.Source) error {
	if source == nil || spec.absent() || !spec.CheckHealth && !spec.RequireHealthy {
		return nil
	}
	health, err := c.grafana.Health(ctx, source)
	status.Health = &health
	return err
}

// locate looks for the URL of a new data source that is given none, and for that of
// the Tempo that the task names. That there is none is told only if the URL stays
// missing.
func (c *client) locate(ctx context.Context, spec Spec, status *Status) error {
	kind, findable := discovery.Kinds()[spec.Type]
	meant := spec.tempoRelease()
	if !findable || spec.SourceURL != "" || spec.absent() || status.base() != nil && !meant.Named() {
		return nil
	}
	cluster, err := c.cluster()
	if err != nil {
		status.Missing = err
		return nil
	}
	status.Address, status.Missing = kind.Address(ctx, cluster.Reader, meant)
	if meant.Named() && !lasting(status.Missing) {
		return fault.During("find Tempo for data source "+spec.label(), status.Missing)
	}
	return nil
}

// lasting reports that a named Tempo cannot be told from one that does not exist, which
// the next run will not change either. Others are errors: the URL would be a guess
// where another Tempo could be taken for it, and where the cluster does not answer now.
func lasting(err error) bool {
	return err == nil || slices.Contains([]fault.Kind{fault.NotFound, fault.Denied, fault.Usage}, fault.KindOf(err))
}

// streams asks Tempo, through Grafana, whether what the task wants streams.
// Nil is an open question: nothing is wanted that is not on already, or Grafana
// does not have the data source yet.
func (c *client) streams(ctx context.Context, spec Spec, status Status) *streaming.Answer {
	if spec.absent() || len(streaming.Missing(spec.Streaming, status.base())) == 0 {
		return nil
	}
	if c.grafana == nil {
		return streaming.Off(spec.Streaming, "Tempo is asked through Grafana, and grafana_url is not given")
	}
	live := status.Source
	if status.Via == viaConfigMap {
		live = status.File.Live
	}
	url := cmp.Or(spec.SourceURL, status.Address)
	if live == nil || url != "" && url != live.URL {
		return nil
	}
	return streaming.Ask(ctx, c.grafana, live.UID, spec.Streaming)
}
