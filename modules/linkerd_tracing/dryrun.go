// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"errors"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
)

// renderer makes dry runs of the releases of one namespace.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
}

// dryRun renders the proposal, where it changes something, so that what the
// chart refuses is reported before anything is written.
func (c *client) dryRun(ctx context.Context, spec Spec, status *Status) {
	proposal := &status.Proposal
	kept := status.Owner.Foreign() && !spec.Force
	if proposal.Err != nil || proposal.Gone || status.Unmanaged != nil || status.Terminating != nil || kept || !status.differs(*proposal) {
		return // the plan reports why
	}
	if proposal.Chart, proposal.Refusal = chart(ctx, spec, *status); proposal.Refusal == nil {
		proposal.Verdict, proposal.Refusal = c.render(ctx, status.Release, *proposal)
	}
}

// render renders the chart, and asks the API server what it will say to each object.
func (c *client) render(ctx context.Context, release helm.Release, proposal Proposal) (verdict inventory.Verdict, err error) {
	manifest, err := c.charts(release.Namespace).Preview(ctx, release,
		helm.Deployment{Name: release.Name, Chart: proposal.Chart, Values: proposal.Values, SkipCRDs: true})
	if err != nil {
		return verdict, fault.Wrap(fault.Rejected, "see the chart's own message", "render "+proposal.Chart.ID()+" with the traces", brief(err))
	}
	rehearsal := inventory.Rehearsal{Cluster: c.objects, Release: release.Name, Namespace: release.Namespace, InPlace: true}
	if rehearsal.After, err = helm.Objects(manifest, release.Namespace); err != nil {
		return verdict, err
	}
	if rehearsal.Before, err = helm.Objects(release.Manifest, release.Namespace); err != nil {
		return verdict, err
	}
	return rehearsal.Run(ctx)
}

// chart is the release's own, or the extension's from its repository.
func chart(ctx context.Context, spec Spec, status Status) (helm.Chart, error) {
	if status.Release.Status != helm.Absent {
		return status.Release.Chart, nil
	}
	if spec.Chart.Version == "" && !spec.Chart.Local() {
		return helm.Chart{}, fault.New(fault.Usage, "set chart_version to the one of Linkerd "+status.Version+", such as 30.4.4 for stable-2.12.2",
			"install chart %s: the version that fits Linkerd %s has to be given", spec.ChartRef, status.Version)
	}
	return spec.Chart.Load(ctx)
}

// brief is the last line of Helm's error, which is the template's own message.
func brief(err error) error {
	text := strings.TrimSpace(err.Error())
	if at := strings.LastIndex(text, "error calling fail: "); at >= 0 {
		text = text[at+len("error calling fail: "):]
	}
	return errors.New(text)
}
