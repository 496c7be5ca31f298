// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"reflect"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/scheduling"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// Proposal is the revision that the options lead to.
type Proposal struct {
	Chart  helm.Chart
	Values map[string]any
	// Credentials and CA are the wanted Secrets, an owned one with its salt.
	Credentials Credentials
	CA          CABundle
	// Refusal is why these versions cannot do what the options ask for.
	Refusal error
	// Deployed is true when the release is like this already.
	Deployed bool
	// Upgrade is true when there is a release, which is upgraded.
	Upgrade bool
	// Manifest is what it renders to, and Objects are what stands in it; empty when
	// it is deployed already, or refused.
	Manifest string
	Objects  []helm.Object
	// PodSets are the workloads among them, and Deadlocks those whose update would
	// never end.
	PodSets, Deadlocks []scheduling.PodSet
	// Recreate are objects that must be deleted first, since Kubernetes lets nobody
	// change them in place as the chart does.
	Recreate []Recreation
}

// propose finds out what the options lead to. The release's own copy of the
// chart is enough to see that nothing is to be done.
func (c *client) propose(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() {
		return nil
	}
	proposal := Proposal{CA: c.ca, Credentials: spec.Credentials.salted(status.Credentials, c.salt)}
	proposal.Upgrade = status.Release.Status != helm.Absent && status.Release.Status != helm.Uninstalled
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
	return c.render(ctx, spec, status)
}

// compose makes the values for the chart, and compares them with the release.
func (p *Proposal) compose(spec Spec, status Status) (err error) {
	composer := tempochart.Composer{Config: spec.Config, Chart: p.Chart, Credentials: p.Credentials.Name, Checksum: p.checksum(status)}
	if p.CA.Name != "" {
		composer.CA = tempochart.CA{Secret: p.CA.Name, Checksum: p.CA.Checksum()}
	}
	p.Values, err = composer.Compose()
	release := status.Release
	p.Deployed = err == nil && release.Status == helm.Deployed && release.Chart.ID() == p.Chart.ID() && reflect.DeepEqual(release.Values, p.Values)
	return err
}

// checksum is that of the credentials as they will be.
func (p *Proposal) checksum(status Status) string {
	if !p.Credentials.Owned {
		return status.Credentials.Checksum()
	}
	return p.Credentials.Checksum()
}

// render makes a dry run of the deployment, unless it is refused anyway.
func (c *client) render(ctx context.Context, spec Spec, status *Status) (err error) {
	proposal := &status.Proposal
	if proposal.Deployed || proposal.Refusal != nil || status.pending(spec) != nil {
		return nil
	}
	if err := c.releaseOwner(ctx, spec, status); err != nil || status.foreign(spec) {
		return err
	}
	if status.Namespace.Going == nil && status.Release.Status != helm.Absent {
		status.Namespace.Going = c.cluster.Gone(ctx, spec.Namespace)
	}
	if status.Namespace.Going != nil {
		return nil // the plan tells
	}
	if proposal.Manifest, err = c.charts.Preview(ctx, status.Release, spec.deployment(*proposal)); err != nil {
		return err
	}
	if proposal.Objects, err = helm.Objects(proposal.Manifest, spec.Namespace); err != nil {
		return err
	}
	proposal.PodSets = scheduling.PodSets(proposal.Objects)
	status.Manifests, err = helm.Objects(status.Release.Manifest, spec.Namespace)
	return err
}

// deployment is the proposal as Helm is told it.
func (s Spec) deployment(p Proposal) helm.Deployment {
	return helm.Deployment{Name: s.Release, Chart: p.Chart, Values: p.Values, Description: s.Description, Wait: s.Wait, Atomic: s.Atomic,
		Timeout: s.WaitTimeout, MaxHistory: s.HistoryMax, SkipCRDs: s.SkipCRDs, TakeOwnership: s.TakeOwnership}
}
