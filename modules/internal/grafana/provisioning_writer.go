// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	applied "k8s.io/client-go/applyconfigurations/core/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// ProvisioningWriter changes the provisioning objects of a cluster.
type ProvisioningWriter struct{ client core.CoreV1Interface }

// NewProvisioningWriter returns what writes.
func NewProvisioningWriter(clients kube.Clients) ProvisioningWriter {
	return ProvisioningWriter{clients.Core}
}

// Apply creates or replaces an object by server-side apply. The namespace must
// exist.
func (w ProvisioningWriter) Apply(ctx context.Context, wanted ProvisioningObject) error {
	doing := "write " + wanted.String()
	options := meta.ApplyOptions{FieldManager: kube.Manager, Force: true}
	if wanted.Kind == Secret {
		_, err := w.client.Secrets(wanted.Namespace).Apply(ctx,
			applied.Secret(wanted.Name, wanted.Namespace).WithLabels(wanted.Labels).WithData(wanted.Files), options)
		return kube.Fault(doing, err)
	}
	texts := map[string]string{}
	for key, content := range wanted.Files {
		texts[key] = string(content)
	}
	_, err := w.client.ConfigMaps(wanted.Namespace).Apply(ctx,
		applied.ConfigMap(wanted.Name, wanted.Namespace).WithLabels(wanted.Labels).WithData(texts), options)
	return kube.Fault(doing, err)
}

// Delete removes an object; it may be absent.
func (w ProvisioningWriter) Delete(ctx context.Context, object ProvisioningObject) error {
	var err error
	if object.Kind == Secret {
		err = w.client.Secrets(object.Namespace).Delete(ctx, object.Name, meta.DeleteOptions{})
	} else {
		err = w.client.ConfigMaps(object.Namespace).Delete(ctx, object.Name, meta.DeleteOptions{})
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault("delete "+object.String(), err)
}
