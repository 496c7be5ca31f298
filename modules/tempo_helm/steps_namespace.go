// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/wait"
)

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
			return false, orElse(kube.Going(live), "namespace "+spec.Namespace+" is not being deleted"), nil
		})
	}
}

func orElse(err error, otherwise string) string {
	if err == nil {
		return otherwise
	}
	return err.Error()
}
