// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	core "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Apply does one change of the plan.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	kind, name, _ := strings.Cut(change.Path, "/")
	drift, healing := change.Payload.(Drift)
	switch {
	case healing:
		return m.heal(ctx, args, drift)
	case kind == "persistentvolumeclaim":
		return gone("delete volume claim "+name, m.clients.Core.PersistentVolumeClaims(args.Namespace).Delete(ctx, name, meta.DeleteOptions{}))
	case kind == "namespace" && change.Verb == plan.Delete:
		return m.deleteNamespace(ctx, args)
	case kind == "namespace" && change.Verb == plan.Await:
		return m.namespaceGone(ctx, args)
	case kind == "namespace":
		return m.applyNamespace(ctx, args)
	case kind == "secret" && change.Verb == plan.Delete:
		return gone("delete secret "+name, m.clients.Core.Secrets(args.Namespace).Delete(ctx, name, meta.DeleteOptions{}))
	case kind == "secret":
		return m.applySecret(ctx, args, change.Payload.(keeper).kept(), change.Verb == plan.Create)
	case change.Verb == plan.Await:
		return m.rolledOut(ctx, args, change.Payload.(settling))
	case change.Verb == plan.Delete:
		return m.holding(ctx, args, func(context.Context) error { return m.helm.Uninstall(args.Release, args.WaitTimeout) })
	}
	planned := change.Payload.(deployment)
	return m.holding(ctx, args, func(ctx context.Context) error { return m.deploy(ctx, args, planned) })
}

// rolledOut waits for a release that is deployed already.
func (m *Module) rolledOut(ctx context.Context, args Args, waits settling) error {
	if len(waits.idle) > 0 {
		return fault.New(fault.Conflict, "set drift: correct, which sets it right, or wait: false where it shall stay so",
			"release %s/%s cannot be ready: %s", args.Namespace, args.Release, strings.Join(waits.idle, ", "))
	}
	return m.ready(ctx, args, waits.objects)
}

// holding works on the release while no other run may.
func (m *Module) holding(ctx context.Context, args Args, work func(context.Context) error) error {
	held, release, err := m.clients.Hold(ctx, args.Namespace, args.lease())
	if err != nil {
		return err
	}
	err = work(held)
	release(err == nil || m.settle(held) == nil)
	// When the API server is away, err says so too.
	if lost := context.Cause(held); err != nil && lost != nil && fault.KindOf(lost) == fault.Conflict && ctx.Err() == nil {
		return fault.As(fault.KindOf(lost), fault.HintOf(lost), lost.Error(), err)
	}
	return err
}

// settle ends a revision that stayed underway because Helm could not write how it
// ended, so that the next run has not to find out whether somebody works on it.
// What was lost to another run is left alone.
func (m *Module) settle(held context.Context) error {
	if lost := context.Cause(held); lost != nil && fault.KindOf(lost) == fault.Conflict {
		return nil
	}
	return m.helm.Settle("its end could not be recorded")
}

// deploy installs or upgrades, after the repair of what is in the way.
func (m *Module) deploy(ctx context.Context, args Args, planned deployment) error {
	failed, err := m.unchanged(ctx, args, planned.from)
	if err != nil {
		return err
	}
	if planned.from.Status.Underway() {
		why := fmt.Sprintf("it stayed %s: the process that worked on it died", planned.from.Status)
		if err := m.helm.MarkFailed(planned.from, why); err != nil {
			return err
		}
	}
	if err := m.replace(ctx, args, planned.target.Replace); err != nil {
		return err
	}
	deployment := args.deployment(planned.target)
	if planned.target.Upgrade {
		wait.Report(ctx, "upgrading release %s to chart %s", args.Release, planned.target.Chart.ID())
		deployment.Failed = failed
		return m.helm.Upgrade(ctx, deployment)
	}
	wait.Report(ctx, "installing release %s with chart %s", args.Release, planned.target.Chart.ID())
	return m.helm.Install(ctx, deployment)
}

// unchanged refuses to carry out a plan that was made from another revision than
// the one that is there now that nobody else works on it. It returns the
// manifests of the revisions that failed since one was deployed.
func (m *Module) unchanged(ctx context.Context, args Args, from helm.Release) (failed []string, err error) {
	releases, _, err := m.records(ctx, args)
	if err != nil {
		return nil, err
	}
	var now helm.Release
	if len(releases) > 0 {
		now = releases[0]
	}
	if now.Revision != from.Revision || now.Status != from.Status {
		return nil, fault.New(fault.Conflict, "run again: it works from what is there then",
			"deploy release %s: somebody else did in the meantime: revision %d (%s) is now %d (%s)", args.Release,
			from.Revision, orAbsent(from.Status), now.Revision, orAbsent(now.Status))
	}
	for _, release := range releases {
		if release.Status == helm.Deployed {
			break
		}
		failed = append(failed, release.Manifest)
	}
	return failed, nil
}

func orAbsent(status helm.Status) string { return cmp.Or(string(status), "absent") }

func (m *Module) replace(ctx context.Context, args Args, all []Replacement) error {
	ctx, cancel := context.WithTimeout(ctx, args.WaitTimeout)
	defer cancel()
	for _, object := range all {
		objects, err := m.anyKind()
		if err != nil {
			return err
		}
		if err := objects.Remove(ctx, refOf(object.Object), object.Orphan); err != nil {
			return err
		}
	}
	return nil
}

// heal sets one object right, or makes it anew as Helm would.
func (m *Module) heal(ctx context.Context, args Args, drift Drift) error {
	objects, err := m.anyKind()
	if err != nil {
		return err
	}
	if !drift.Missing {
		_, err = objects.Patch(ctx, drift.patch, helm.Manager, false)
		return err
	}
	object := &unstructured.Unstructured{Object: drift.manifest.Owned(args.Release, args.Namespace)}
	_, err = objects.Apply(ctx, object, kube.Applying{Manager: helm.Manager, Force: true})
	return err
}

func (a Args) deployment(target Target) helm.Deployment {
	return helm.Deployment{Name: a.Release, Chart: target.Chart, Values: target.Values, Description: a.Description, Wait: a.Wait, Atomic: a.Atomic,
		Timeout: a.WaitTimeout, MaxHistory: a.HistoryMax, SkipCRDs: a.SkipCRDs, TakeOwnership: a.TakeOwnership}
}

// owning is server-side apply under our name. It takes a field over from
// whoever wrote it last: the task says what it shall be.
var owning = meta.ApplyOptions{FieldManager: kube.Manager, Force: true}

// keeper is a state that lies in a Secret which the module owns.
type keeper interface{ kept() kept }

// kept is such a Secret.
type kept struct {
	name        string
	data        map[string][]byte
	annotations map[string]string
}

// applySecret writes a Secret. A new one must not be there yet: two first runs
// would each mix a checksum of their own.
func (m *Module) applySecret(ctx context.Context, args Args, wanted kept, fresh bool) error {
	labels := map[string]string{kube.ManagedByLabel: kube.Manager, helm.NameLabel: args.Release, helm.OwnerLabel: ownerLabel}
	if fresh {
		made := &corev1.Secret{ObjectMeta: meta.ObjectMeta{Name: wanted.name, Labels: labels, Annotations: wanted.annotations}, Data: wanted.data}
		_, err := m.clients.Core.Secrets(args.Namespace).Create(ctx, made, meta.CreateOptions{FieldManager: kube.Manager})
		return kube.Fault("make secret "+wanted.name, err)
	}
	secret := core.Secret(wanted.name, args.Namespace).WithData(wanted.data).WithAnnotations(wanted.annotations).WithLabels(labels)
	_, err := m.clients.Core.Secrets(args.Namespace).Apply(ctx, secret, owning)
	return kube.Fault("apply secret "+wanted.name, err)
}

// gone is the outcome of a deletion: what is not there is no error.
func gone(doing string, err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault(doing, err)
}
