// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/secret"
)

// observeTimeout bounds each look at the cluster, and with it the download of the chart.
const observeTimeout = 4 * time.Minute

// Observe reads the release. The chart is read only when the release differs
// from what the options ask for, or when only the chart can tell.
func (r *reader) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	status.ObservedAt = time.Now()
	if err := r.secrets(ctx, spec, &status); err != nil {
		return Status{}, err
	}
	if r.choice == nil {
		if err := r.choose(ctx, spec, &status); err != nil {
			return Status{}, err
		}
		first := status.Choice
		r.choice = &first
	}
	status.Choice = *r.choice
	spec = spec.chosen(status.Choice)
	if r.room == nil {
		first := r.budget(ctx, spec, &status)
		r.room = &first
	}
	status.Room = *r.room
	if err := r.serviceGraph(ctx, spec, &status); err != nil {
		return Status{}, err
	}
	spec = spec.within(status.Room).graphing(status.Graph)
	for _, read := range []func(context.Context, Spec, *Status) error{
		r.namespace, r.leaseHolder, r.live, r.owner, r.claims, r.propose, r.nodes, r.pods, r.move, r.dryRun, r.drift,
	} {
		if err := read(ctx, spec, &status); err != nil {
			return Status{}, err
		}
	}
	return status, nil
}

// ownerLabel marks the module's own Secrets in the way in which Helm marks its
// release records, so that one request finds both.
const ownerLabel = kube.Manager

// secrets reads the release's records, the credentials and the CA.
func (r *reader) secrets(ctx context.Context, spec Spec, status *Status) error {
	releases, read, err := records(ctx, r.cluster, spec)
	if err != nil {
		return err
	}
	if len(releases) > 0 {
		status.Release = releases[0]
		secret.Learn(ctx, secret.Within(any(status.Release.Values))...)
	}
	live, err := r.keys(ctx, spec, read)
	if err != nil {
		return err
	}
	if live != nil {
		status.Credentials = s3secret.CredentialsOf(*live)
	}
	return r.caSecret(ctx, spec, status, read)
}

// keys are the live credentials. Local storage needs none: only those of an earlier run
// are looked for, which are among the Secrets that were read.
func (r *reader) keys(ctx context.Context, spec Spec, read []core.Secret) (*core.Secret, error) {
	if spec.Local() {
		return named(read, spec.Credentials.Name), nil
	}
	return r.secret(ctx, spec, spec.Credentials.Name, read)
}

// records reads the release's revisions, the newest first, and with them the
// Secrets that are named like it. Superseded revisions hold a whole chart each, and
// are read only where there is no other: whoever deletes the record of an upgrade that
// was cut off leaves those alone, and Helm goes on from the newest of them.
func records(ctx context.Context, cluster kube.Reader, spec Spec) (releases []helm.Release, read []core.Secret, err error) {
	ours := fmt.Sprintf("%s=%s,%s", helm.NameLabel, spec.Release, helm.OwnerLabel)
	read, err = cluster.ReleaseSecrets(ctx, spec.Namespace, spec.Release,
		fmt.Sprintf("%s in (%s,%s),%s!=%s", ours, helm.Owner, ownerLabel, helm.StatusLabel, helm.Superseded))
	if err != nil {
		return nil, nil, err
	}
	if releases, err = helm.FromSecrets(read); err != nil || len(releases) > 0 {
		return releases, read, err
	}
	before, err := cluster.Secrets(ctx, spec.Namespace, fmt.Sprintf("%s=%s,%s=%s", ours, helm.Owner, helm.StatusLabel, helm.Superseded))
	if err != nil {
		return nil, nil, err
	}
	releases, err = helm.FromSecrets(before)
	return releases, read, err
}

// secret finds a Secret among those that were read, else by its name; nil when
// it is absent.
func (r *reader) secret(ctx context.Context, spec Spec, name string, read []core.Secret) (*core.Secret, error) {
	if live := named(read, name); live != nil {
		return live, nil
	}
	return r.cluster.Secret(ctx, spec.Namespace, name)
}

func named(read []core.Secret, name string) *core.Secret {
	for i := range read {
		if read[i].Name == name {
			return &read[i]
		}
	}
	return nil
}

// caSecret asks for the CA by its name only where one is wanted; one of the
// module's own is among the Secrets that were read.
func (r *reader) caSecret(ctx context.Context, spec Spec, status *Status, read []core.Secret) (err error) {
	live := named(read, spec.caSecret())
	if r.ca.Name != "" {
		live, err = r.secret(ctx, spec, r.ca.Name, read)
	}
	if live != nil {
		status.CA = s3secret.CAOf(*live)
	}
	return err
}

// namespace is read when it is to be created or labelled; a release that was
// found says that it exists.
func (r *reader) namespace(ctx context.Context, spec Spec, status *Status) error {
	status.Namespace.Found = true
	marked := len(spec.NamespaceLabels)+len(spec.NamespaceAnnotations) > 0
	switch found := status.Release.Status != helm.Absent && !marked; {
	case found && !spec.absent():
		return nil
	case found && !spec.RemoveSpace:
		status.Namespace.Terminating = r.cluster.Gone(ctx, spec.Namespace)
		return nil
	}
	live, err := r.cluster.Namespace(ctx, spec.Namespace)
	if err != nil || live == nil {
		status.Namespace.Found = false
		return err
	}
	status.Namespace.Terminating = kube.Terminating(live)
	status.Namespace.Labels = only(live.Labels, spec.NamespaceLabels)
	status.Namespace.Annotations = only(live.Annotations, spec.NamespaceAnnotations)
	return nil
}

// only keeps the keys that the task names.
func only(live, asked map[string]string) map[string]string {
	kept := map[string]string{}
	for key := range asked {
		if value, ok := live[key]; ok {
			kept[key] = value
		}
	}
	return kept
}

// owner looks for a GitOps tool behind the release's objects, which may exist
// without a release: Argo CD makes none. A HelmChart marks nothing, so it is
// looked for before the release is changed or removed.
func (r *reader) owner(ctx context.Context, spec Spec, status *Status) error {
	live := status.Live
	for _, owner := range []kube.Owner{
		kube.OwnerOf(&meta.ObjectMeta{Labels: status.Release.Labels}),
		kube.FirstOwner(live.StatefulSets), kube.FirstOwner(live.Deployments), kube.FirstOwner(live.Services), kube.FirstOwner(live.ConfigMaps),
	} {
		if owner.Foreign() {
			status.Owner = owner
			return nil
		}
	}
	if spec.absent() && status.Release.Status != helm.Absent {
		return r.releaseOwner(ctx, spec, status)
	}
	return nil
}

func (r *reader) releaseOwner(ctx context.Context, spec Spec, status *Status) (err error) {
	if !status.Owner.Foreign() {
		status.Owner, err = r.cluster.ReleaseOwner(ctx, spec.Namespace, spec.Release)
	}
	return err
}

// leaseHolder asks who works on a release that is pending.
func (r *reader) leaseHolder(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Release.Status.Pending() {
		status.LeaseHolder, err = r.cluster.LeaseHolder(ctx, spec.Namespace, spec.lease())
	}
	return err
}
