// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

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
func (m *Module) applyNamespace(ctx context.Context, args Args) error {
	namespace := core.Namespace(args.Namespace).WithLabels(args.NamespaceLabels).WithAnnotations(args.NamespaceAnnotations)
	_, err := m.clients.Core.Namespaces().Apply(ctx, namespace, owning)
	return kube.Fault("apply namespace "+args.Namespace, err)
}

// deleteNamespace waits until all that is in it is gone too.
func (m *Module) deleteNamespace(ctx context.Context, args Args) error {
	if err := gone("delete namespace "+args.Namespace, m.clients.Core.Namespaces().Delete(ctx, args.Namespace, meta.DeleteOptions{})); err != nil {
		return err
	}
	return m.namespaceGone(ctx, args)
}

func (m *Module) namespaceGone(ctx context.Context, args Args) error {
	ctx, cancel := context.WithTimeout(ctx, args.WaitTimeout)
	defer cancel()
	return wait.Until(ctx, "namespace "+args.Namespace+" to be gone", time.Second, func(ctx context.Context) (bool, string, error) {
		live, err := m.clients.Core.Namespaces().Get(ctx, args.Namespace, meta.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, "", nil
		}
		if err != nil {
			return false, "", kube.Fault("read namespace "+args.Namespace, err)
		}
		return false, orElse(kube.Going(live), "namespace "+args.Namespace+" is not being deleted"), nil
	})
}

func orElse(err error, otherwise string) string {
	if err == nil {
		return otherwise
	}
	return err.Error()
}
