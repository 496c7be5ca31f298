// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempoverify"
	"github.com/picluster/tracing/modules/internal/wait"
)

// verify has Tempo read its new configuration before anything else is done to the
// release. Where no Job can tell, what the tables said stands.
func (w writer) verify(ctx context.Context, spec Spec, status Status) error {
	for _, subject := range spec.toVerify(status) {
		wait.Report(ctx, "a job reads the new configuration of release %s", spec.Release)
		undecided, err := tempoverify.Run(ctx, w.clients, subject)
		if err != nil {
			return err
		}
		if undecided != "" {
			*w.undecided = "verify_job: no Job could tell whether Tempo starts with the new configuration, so only the names of its fields were checked: " + undecided
		}
	}
	return nil
}

// toVerify are the configurations that no pod of the release has read yet, one for
// each image.
func (s Spec) toVerify(status Status) (all []tempoverify.Subject) {
	proposal := status.Proposal
	if !s.VerifyJob || !s.VerifyConfig || !compat.TempoHas(compat.Tempo, compat.VerifyFlag, tempochart.Version(s.Config, proposal.Chart)) {
		return nil
	}
	var read []tempoverify.Subject
	if status.Release.Status == helm.Deployed {
		read = s.subjects(status.Release.Chart, status.Manifests)
	}
	for _, subject := range s.subjects(proposal.Chart, proposal.Objects) {
		if !slices.ContainsFunc(read, subject.Same) {
			all = append(all, subject)
		}
	}
	return all
}

// subjects are the configuration in a manifest with each image that reads it.
func (s Spec) subjects(chart helm.Chart, objects []helm.Object) (all []tempoverify.Subject) {
	rendered, err := tempochart.Read(s.Config, chart, nil, objects)
	if err != nil {
		return nil // which is reported elsewhere
	}
	config, pods := rendered.Runs()
	for _, pod := range pods {
		subject := tempoverify.Subject{Namespace: s.Namespace, Release: s.Release, Config: config, Pod: pod}
		if subject.Image() != "" && !slices.ContainsFunc(all, subject.Same) {
			all = append(all, subject)
		}
	}
	return all
}
