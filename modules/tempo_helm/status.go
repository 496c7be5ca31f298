// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Status is the release as it was observed, and what would be made of it.
type Status struct {
	Namespace   Namespace
	Credentials Credentials
	CA          CABundle
	// Choice is what the options leave open; empty where the release is to go.
	Choice Choice
	// Release is the newest revision; its Status is helm.Absent when there is none.
	Release helm.Release
	// Manifests are the objects of the release's manifest, where they are compared.
	Manifests []helm.Object
	// Live are the release's objects.
	Live Objects
	// Owner is the GitOps tool's object that keeps them, if any.
	Owner kube.Owner
	// Drift is how they differ from what the release made.
	Drift []Drift
	// Claims are the volume claims of the release, where they are to be removed or
	// their size matters.
	Claims []core.PersistentVolumeClaim
	// Nodes are those of the cluster, where their number matters; Pods are those of
	// the release.
	Nodes []core.Node
	Pods  []core.Pod
	// PodsHidden is why the pods could not be read; nil when they were.
	PodsHidden error
	// Move is what the upgrade leaves behind; nil without one.
	Move *Move
	// LeaseHolder works on a release that is pending, or did until it died.
	LeaseHolder kube.Holder
	// ObservedAt is when all this was read.
	ObservedAt time.Time
	// Proposal is what the options lead to; empty where the release is to go.
	Proposal Proposal
}

// Namespace is the namespace of the release; labels and annotations are those
// that matter to the task.
type Namespace struct {
	Found bool
	// Going says that it is being deleted, and what holds it; nil when it is not.
	Going               error
	Labels, Annotations map[string]string
}

// observing bounds each look at the cluster, and with it the way of the chart.
const observing = 4 * time.Minute

// Observe reads the release. The chart is read only when the release differs
// from what the options ask for, or when only the chart can tell.
func (c *client) Observe(ctx context.Context, spec Spec) (status Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, observing)
	defer cancel()
	status.ObservedAt = time.Now()
	if err := c.secrets(ctx, spec, &status); err != nil {
		return Status{}, err
	}
	if c.choice == nil {
		if err := c.choose(ctx, spec, &status); err != nil {
			return Status{}, err
		}
		first := status.Choice
		c.choice = &first
	}
	status.Choice = *c.choice
	spec = spec.chosen(status.Choice)
	for _, read := range []func(context.Context, Spec, *Status) error{
		c.namespace, c.leaseHolder, c.live, c.owner, c.claims, c.propose, c.nodes, c.pods, c.move, c.blocks, c.dryRun, c.drift,
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
func (c *client) secrets(ctx context.Context, spec Spec, status *Status) error {
	releases, read, err := records(ctx, c.cluster, spec)
	if err != nil {
		return err
	}
	if len(releases) > 0 {
		status.Release = releases[0]
		secret.Learn(ctx, secret.Within(any(status.Release.Values))...)
	}
	live, err := c.secret(ctx, spec, spec.Credentials.Name, read)
	if err != nil {
		return err
	}
	if live != nil {
		status.Credentials = credentialsOf(*live)
	}
	return c.caSecret(ctx, spec, status, read)
}

// records reads the release's revisions, the newest first, and with them the
// Secrets that are named like it. Superseded revisions are left out: each holds a
// whole chart.
func records(ctx context.Context, cluster kube.Reader, spec Spec) (releases []helm.Release, read []core.Secret, err error) {
	selector := fmt.Sprintf("%s=%s,%s in (%s,%s),%s!=%s", helm.NameLabel, spec.Release,
		helm.OwnerLabel, helm.Owner, ownerLabel, helm.StatusLabel, helm.Superseded)
	if read, err = cluster.ReleaseSecrets(ctx, spec.Namespace, spec.Release, selector); err != nil {
		return nil, nil, err
	}
	releases, err = helm.FromSecrets(read)
	return releases, read, err
}

// secret finds a Secret among those that were read, else by its name; nil when
// it is absent.
func (c *client) secret(ctx context.Context, spec Spec, name string, read []core.Secret) (*core.Secret, error) {
	if live := named(read, name); live != nil {
		return live, nil
	}
	return c.cluster.Secret(ctx, spec.Namespace, name)
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
func (c *client) caSecret(ctx context.Context, spec Spec, status *Status, read []core.Secret) (err error) {
	live := named(read, spec.caSecret())
	if c.ca.Name != "" {
		live, err = c.secret(ctx, spec, c.ca.Name, read)
	}
	if live != nil {
		status.CA = caBundleOf(*live)
	}
	return err
}

// namespace is read when it is to be made or to be marked; a release that was
// found says that it exists.
func (c *client) namespace(ctx context.Context, spec Spec, status *Status) error {
	status.Namespace.Found = true
	marked := len(spec.NamespaceLabels)+len(spec.NamespaceAnnotations) > 0
	switch found := status.Release.Status != helm.Absent && !marked; {
	case found && !spec.absent():
		return nil
	case found && !spec.RemoveSpace:
		status.Namespace.Going = c.cluster.Gone(ctx, spec.Namespace)
		return nil
	}
	live, err := c.cluster.Namespace(ctx, spec.Namespace)
	if err != nil || live == nil {
		status.Namespace.Found = false
		return err
	}
	status.Namespace.Going = kube.Going(live)
	status.Namespace.Labels = only(live.Labels, spec.NamespaceLabels)
	status.Namespace.Annotations = only(live.Annotations, spec.NamespaceAnnotations)
	return nil
}

// only keeps the keys that the task speaks of.
func only(live, asked map[string]string) map[string]string {
	kept := map[string]string{}
	for key := range asked {
		if value, is := live[key]; is {
			kept[key] = value
		}
	}
	return kept
}
