// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReleaseSecrets lists the Secrets that store the revisions of a Helm release,
// and others that the selector matches.
func (r Reader) ReleaseSecrets(ctx context.Context, namespace, release, selector string) ([]core.Secret, error) {
	found, err := r.clients.Core.Secrets(namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, Fault("read release "+namespace+"/"+release, err)
	}
	return found.Items, nil
}

// LeaseHolder is who holds a lease, or held it when it died.
func (r Reader) LeaseHolder(ctx context.Context, namespace, name string) (Holder, error) {
	return r.clients.Holder(ctx, namespace, name)
}
