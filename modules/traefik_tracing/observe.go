// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"errors"

	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// Observe finds the Traefik, reads its values, its workload and, unless the task
// says where spans and lines go, the Services of Tempo and Loki, and makes the
// proposal.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	traefik, err := traefikfind.Find(ctx, c.cluster, c.charts, spec.wanted())
	if !spec.Required && errors.Is(err, traefikfind.ErrNone) {
		return Status{Missing: err}, nil
	}
	if err != nil {
		return Status{}, err
	}
	status, err = c.read(ctx, spec, traefik)
	status.learn(ctx)
	if err != nil {
		return Status{}, err
	}
	c.field = traceIDField(spec, status)
	if spec.findsTempo() {
		if status.tempo, err = discovery.FindTempo(ctx, c.cluster, spec.TempoNamespace, spec.TempoRelease); err != nil {
			return Status{}, err
		}
	}
	if !spec.absent() && spec.FindsLoki() {
		status.loki.URL, status.loki.Err = discovery.LokiForOTLP(ctx, c.cluster)
	}
	status.upgrade = c.lastUpgrade(ctx, spec, status)
	status.Proposal = status.proposal(spec)
	if status.Proposal.Err != nil || !status.Proposal.differs() || status.umbrella.Chart != "" {
		return status, nil // the plan tells why, and there is nothing to render
	}
	status.Proposal.dryRun = c.dryRun(ctx, spec, status)
	if spec.Method == methodHelm && !status.Owner.Foreign() {
		status.Owner, err = c.cluster.ReleaseOwner(ctx, status.Namespace, status.Name)
	}
	return status, err
}

// learn hides the secrets among the values, which the chart may quote.
func (s Status) learn(ctx context.Context) {
	for _, values := range []any{s.Text, s.Lower, s.Higher, s.Workload.Args} {
		secret.Learn(ctx, secret.Within(values)...)
	}
	for _, set := range s.Sets {
		secret.Learn(ctx, secret.Within(map[string]any{set.key: set.value})...)
	}
}

func (r reader) read(ctx context.Context, spec Spec, traefik traefikfind.Found) (Status, error) {
	status := Status{Method: traefik.Method, Name: traefik.Name, Namespace: traefik.Namespace}
	if traefik.Workload != nil {
		status.Workload = *traefik.Workload
	}
	if traefik.Method == methodHelm {
		return r.readRelease(ctx, spec, status)
	}
	status, err := r.readConfig(ctx, status, traefik.Chart)
	if err != nil {
		return status, err
	}
	return r.readUmbrella(ctx, spec, status)
}
