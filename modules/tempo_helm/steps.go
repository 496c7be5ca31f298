// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	core "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/wait"
)

// writer is what the steps work with.
type writer struct {
	clients  kube.Clients
	objects  objectWriter
	releases releaseWriter
	// undecided is why no Job, only the tables, has checked the configuration; the
	// run returns it as a warning.
	undecided *string
}

// objectWriter changes objects of any kind.
type objectWriter interface {
	Apply(context.Context, *unstructured.Unstructured, kube.Applying) (*unstructured.Unstructured, error)
	Patch(ctx context.Context, patch kube.Patch, manager string, dryRun bool) (*unstructured.Unstructured, error)
	Remove(ctx context.Context, ref kube.Ref, orphan bool) error
}

// releaseWriter changes the releases of one namespace.
type releaseWriter interface {
	Install(context.Context, helm.Deployment) error
	Upgrade(context.Context, helm.Deployment) error
	Uninstall(ctx context.Context, name string, timeout time.Duration) error
	EndPending(release helm.Release) error
	Settle(why string) error
}

// do is what a step does.
type do = func(context.Context, writer) error

// correct corrects one object, or recreates it as Helm would.
func correct(spec Spec, drift inventory.Drift) do {
	return func(ctx context.Context, w writer) error {
		if !drift.Missing {
			_, err := w.objects.Patch(ctx, drift.Patch, helm.Manager, false)
			return err
		}
		object := &unstructured.Unstructured{Object: drift.Manifest.Owned(spec.Release, spec.Namespace)}
		_, err := w.objects.Apply(ctx, object, kube.Applying{Manager: helm.Manager, Force: true})
		return err
	}
}

// owning is server-side apply under our name. It takes a field over from
// whoever wrote it last: the task says what it should be.
var owning = meta.ApplyOptions{FieldManager: kube.Manager, Force: true}

// putSecret writes a Secret. A new one must not exist yet: two first runs would
// each mix a checksum of their own.
func putSecret(spec Spec, wanted s3secret.Content, fresh bool) do {
	labels := map[string]string{kube.ManagedByLabel: kube.Manager, helm.NameLabel: spec.Release, helm.OwnerLabel: ownerLabel}
	return func(ctx context.Context, w writer) error {
		secrets := w.clients.Core.Secrets(spec.Namespace)
		if fresh {
			made := &corev1.Secret{ObjectMeta: meta.ObjectMeta{Name: wanted.Name, Labels: labels, Annotations: wanted.Annotations}, Data: wanted.Data}
			_, err := secrets.Create(ctx, made, meta.CreateOptions{FieldManager: kube.Manager})
			return kube.Fault("make secret "+wanted.Name, err)
		}
		secret := core.Secret(wanted.Name, spec.Namespace).WithData(wanted.Data).WithAnnotations(wanted.Annotations).WithLabels(labels)
		_, err := secrets.Apply(ctx, secret, owning)
		return kube.Fault("apply secret "+wanted.Name, err)
	}
}

func removeSecret(spec Spec, name string) do {
	return func(ctx context.Context, w writer) error {
		return gone("delete secret "+name, w.clients.Core.Secrets(spec.Namespace).Delete(ctx, name, meta.DeleteOptions{}))
	}
}

func removeClaim(spec Spec, name string) do {
	return func(ctx context.Context, w writer) error {
		return gone("delete volume claim "+name, w.clients.Core.PersistentVolumeClaims(spec.Namespace).Delete(ctx, name, meta.DeleteOptions{}))
	}
}

// gone is the outcome of a deletion: what is absent is no error.
func gone(doing string, err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault(doing, err)
}

// applyNamespace owns only the labels and annotations of the options.
func applyNamespace(spec Spec) do {
	return func(ctx context.Context, w writer) error {
		namespace := core.Namespace(spec.Namespace).WithLabels(spec.NamespaceLabels).WithAnnotations(spec.NamespaceAnnotations)
		_, err := w.clients.Core.Namespaces().Apply(ctx, namespace, owning)
		return kube.Fault("apply namespace "+spec.Namespace, err)
	}
}

// removeNamespace waits until all that is in it is gone too.
func removeNamespace(spec Spec) do {
	return func(ctx context.Context, w writer) error {
		err := w.clients.Core.Namespaces().Delete(ctx, spec.Namespace, meta.DeleteOptions{})
		if err := gone("delete namespace "+spec.Namespace, err); err != nil {
			return err
		}
		return awaitNamespaceGone(spec)(ctx, w)
	}
}

func awaitNamespaceGone(spec Spec) do {
	return func(ctx context.Context, w writer) error {
		ctx, cancel := context.WithTimeout(ctx, spec.WaitTimeout)
		defer cancel()
		return wait.Until(ctx, "namespace "+spec.Namespace+" to be gone", time.Second, func(ctx context.Context) (bool, string, error) {
			live, err := w.clients.Core.Namespaces().Get(ctx, spec.Namespace, meta.GetOptions{})
			if apierrors.IsNotFound(err) {
				return true, "", nil
			}
			if err != nil {
				return false, "", kube.Fault("read namespace "+spec.Namespace, err)
			}
			return false, orElse(kube.Terminating(live), "namespace "+spec.Namespace+" is not being deleted"), nil
		})
	}
}

func orElse(err error, otherwise string) string {
	if err == nil {
		return otherwise
	}
	return err.Error()
}
