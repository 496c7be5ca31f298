// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"reflect"
	"slices"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/scheduling"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// propose finds out what the options lead to. The release's own copy of the
// chart is enough to see that nothing is to be done.
func (r *reader) propose(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() {
		return nil
	}
	proposal := Proposal{CA: r.ca}
	if !spec.Local() {
		proposal.Credentials = spec.Credentials.Salted(status.Credentials, r.salt)
	}
	proposal.Upgrade = status.Release.Status.Exists()
	proposal.Chart = status.Release.Chart
	if spec.names(proposal.Chart) {
		if err := proposal.compose(spec, *status); err != nil {
			return err
		}
	}
	if !proposal.Deployed {
		if proposal.Chart, err = spec.Source.Load(ctx); err != nil {
			return err
		}
		if err := proposal.compose(spec, *status); err != nil {
			return err
		}
	}
	proposal.Refusal = tempochart.Validate(spec.Config, proposal.Chart, proposal.Values)
	status.Proposal = proposal
	return r.render(ctx, spec, status)
}

// compose makes the values for the chart, and compares them with the release.
func (p *Proposal) compose(spec Spec, status Status) (err error) {
	composer := tempochart.Composer{Config: spec.Config, Chart: p.Chart, Credentials: p.Credentials.Name, Checksum: p.keys(status).Checksum()}
	if p.CA.Name != "" {
		composer.CA = tempochart.CA{Secret: p.CA.Name, Checksum: p.CA.Checksum()}
	}
	p.Values, err = composer.Compose()
	release := status.Release
	p.Deployed = err == nil && release.Status == helm.Deployed && release.Chart.ID() == p.Chart.ID() && reflect.DeepEqual(release.Values, p.Values)
	return err
}

// keys are the credentials that Tempo will have, wherever they are kept.
func (p Proposal) keys(status Status) s3secret.Credentials {
	if p.Credentials.Owned {
		return p.Credentials
	}
	return status.Credentials
}

// newValues are those that the run deploys, nil where it deploys nothing.
func (p *Proposal) newValues() map[string]any {
	if p.Deployed {
		return nil
	}
	return p.Values
}

// render makes a dry run of the deployment, unless it is refused anyway.
func (r *reader) render(ctx context.Context, spec Spec, status *Status) (err error) {
	proposal := &status.Proposal
	if proposal.Deployed || proposal.Refusal != nil || status.pending(spec) != nil {
		return nil
	}
	if err := r.releaseOwner(ctx, spec, status); err != nil || status.foreign(spec) {
		return err
	}
	if status.Namespace.Terminating == nil && status.Release.Status != helm.Absent {
		status.Namespace.Terminating = r.cluster.Gone(ctx, spec.Namespace)
	}
	if status.Namespace.Terminating != nil {
		return nil // the plan reports it
	}
	if proposal.Manifest, err = r.charts.Preview(ctx, status.Release, spec.deployment(*proposal)); err != nil {
		return err
	}
	if proposal.Objects, err = helm.Objects(proposal.Manifest, spec.Namespace); err != nil {
		return err
	}
	proposal.PodSets = scheduling.PodSets(proposal.Objects)
	status.Manifests, err = helm.Objects(status.Release.Manifest, spec.Namespace)
	return err
}

// deployment is the proposal as Helm takes it.
func (s Spec) deployment(p Proposal) helm.Deployment {
	return helm.Deployment{Name: s.Release, Chart: p.Chart, Values: p.Values, Description: s.Description, Wait: s.Wait, Atomic: s.Atomic,
		Timeout: s.WaitTimeout, MaxHistory: s.HistoryMax, SkipCRDs: s.SkipCRDs, TakeOwnership: s.TakeOwnership}
}

// dryRun asks the API server what it will say to each object, and finds out what an
// upgrade cannot change in place.
func (r *reader) dryRun(ctx context.Context, spec Spec, status *Status) (err error) {
	proposal := &status.Proposal
	if proposal.Manifest == "" {
		return nil
	}
	rehearsal := inventory.Rehearsal{Cluster: r.objects, Live: status.Live, Release: spec.Release, Namespace: spec.Namespace,
		NoNamespace: !status.Namespace.Found, Before: status.Manifests, After: proposal.Objects}
	if proposal.Verdict, err = rehearsal.Run(ctx); err != nil || !proposal.Upgrade {
		return err
	}
	proposal.Deadlocks = status.update().Deadlocks()
	proposal.Verdict.Recreate = append(proposal.Verdict.Recreate, proposal.singlePodDeadlocks()...)
	return nil
}

// singlePodDeadlocks are the Deployments of one pod whose update would never end:
// deleting them stops Tempo for no longer than the strategy Recreate, which ends the pod
// first.
func (p Proposal) singlePodDeadlocks() (all []inventory.Recreation) {
	for _, set := range p.Deadlocks {
		known := slices.ContainsFunc(p.Verdict.Recreate, func(r inventory.Recreation) bool { return r.Path() == set.Path() })
		if set.Pods == 1 && !known {
			all = append(all, inventory.Recreation{Object: set.Object, Why: scheduling.Deadlock})
		}
	}
	return all
}

// update is what the proposal does to the pods.
func (s Status) update() scheduling.Update {
	return scheduling.Update{Before: scheduling.PodSets(s.Manifests), After: s.Proposal.PodSets, Live: s.Live.Deployments, Nodes: s.Nodes, Pods: s.Pods}
}
