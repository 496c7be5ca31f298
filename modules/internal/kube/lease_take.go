// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"time"

	coordination "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/process"
)

// take creates the lease, or takes it over from a dead holder.
func (c Clients) take(ctx context.Context, namespace, name string) (*coordination.Lease, error) {
	holder, err := c.Holder(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	if holder.Alive {
		return nil, Busy(holder, "take lease "+name)
	}
	wanted := newLease(namespace, name)
	made, err := c.Coordination.Leases(namespace).Create(ctx, wanted, meta.CreateOptions{FieldManager: Manager})
	if err == nil || !apierrors.IsAlreadyExists(err) {
		return c.taken(ctx, wanted, made, Fault("take lease "+name, err))
	}
	dead, err := c.lease(ctx, namespace, name)
	switch {
	case err != nil:
		return nil, err
	case dead == nil:
		return nil, Busy(holder, "take lease "+name)
	case holderOf(dead).Name != holder.Name:
		return nil, Busy(holderOf(dead), "take lease "+name)
	}
	dead.Spec = wanted.Spec
	made, err = c.Coordination.Leases(namespace).Update(ctx, dead, meta.UpdateOptions{FieldManager: Manager})
	return c.taken(ctx, wanted, made, Fault("take over lease "+name, err))
}

// taken is the lease that was written, even if the answer to that was lost: nobody
// else could take it before it expires, this run's next attempt included.
func (c Clients) taken(ctx context.Context, wanted, made *coordination.Lease, failed error) (*coordination.Lease, error) {
	if failed == nil {
		return made, nil
	}
	found, err := c.lease(ctx, wanted.Namespace, wanted.Name)
	if err != nil || found == nil || !sameTerm(found.Spec, wanted.Spec) {
		return nil, failed
	}
	return found, nil
}

// sameTerm reports whether two leases have the same holder since the same moment,
// which the API server keeps in microseconds.
func sameTerm(a, b coordination.LeaseSpec) bool {
	since := func(spec coordination.LeaseSpec) time.Time {
		return ptr.Deref(spec.AcquireTime, meta.MicroTime{}).Truncate(time.Microsecond)
	}
	return ptr.Deref(a.HolderIdentity, "") == ptr.Deref(b.HolderIdentity, "") && since(a).Equal(since(b))
}

// Busy is the error for something another run works on.
func Busy(holder Holder, doing string) error {
	who := holder.Name
	if who == "" {
		who = "another run"
	}
	return fault.New(fault.Conflict, "wait until it is done and run again; when it dies, the next run finishes its work", "%s: %s works on it", doing, who)
}

func newLease(namespace, name string) *coordination.Lease {
	id, now, seconds := string(process.Self()), meta.NowMicro(), int32(leaseDuration/time.Second)
	return &coordination.Lease{
		ObjectMeta: meta.ObjectMeta{Name: name, Namespace: namespace, Labels: map[string]string{ManagedByLabel: Manager}},
		Spec:       coordination.LeaseSpec{HolderIdentity: &id, LeaseDurationSeconds: &seconds, AcquireTime: &now, RenewTime: &now},
	}
}
