// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/wait"
)

// Remove deletes an object and waits until it is gone, so that another of its name
// can be created. Orphan keeps its dependents, such as pods: the object then stays
// until the garbage collector has orphaned them. Otherwise they are deleted in the
// background.
func (o *Objects) Remove(ctx context.Context, ref Ref, orphan bool) error {
	kind, known, err := o.Kind(ctx, ref)
	if err != nil || !known {
		return err
	}
	policy := meta.DeletePropagationBackground
	if orphan {
		policy = meta.DeletePropagationOrphan
	}
	err = o.at(ref, kind).Delete(ctx, ref.Name, meta.DeleteOptions{PropagationPolicy: &policy})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return Fault("delete "+ref.String(), err)
	}
	return wait.Until(ctx, ref.String()+" to be gone", 250*time.Millisecond, func(ctx context.Context) (bool, string, error) {
		live, err := o.Get(ctx, ref)
		return live == nil || live.GetDeletionTimestamp() == nil, ref.String() + " is being deleted", err
	})
}
