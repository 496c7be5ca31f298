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
	"github.com/picluster/tracing/modules/internal/wait"
)

// leaseDuration is how long a lease lasts without being renewed. It survives a
// ten-second outage of the API server.
const leaseDuration = 20 * time.Second

// Holder is who holds a lease, or held it when it died.
type Holder struct {
	// Name is the host and process, for messages; "" when nobody holds it.
	Name string
	// Alive reports whether it still runs.
	Alive bool
	// Since and Until bound the time in which it ran, by its own clock.
	Since, Until time.Time
}

// RanAt reports whether the holder may have done what happened at this time.
func (h Holder) RanAt(at time.Time) bool {
	// Helm truncates its times to seconds.
	return h.Name != "" && !at.Before(h.Since.Add(-time.Second)) && !at.After(h.Until.Add(leaseDuration))
}

// Holder reads who holds a lease. For a holder on another machine it watches
// until the lease is renewed or expires, since clocks differ.
func (c Clients) Holder(ctx context.Context, namespace, name string) (Holder, error) {
	lease, err := c.lease(ctx, namespace, name)
	if err != nil || lease == nil {
		return Holder{}, err
	}
	holder := holderOf(lease)
	id := process.ID(ptr.Deref(lease.Spec.HolderIdentity, ""))
	if alive, known := id.Alive(); known {
		holder.Alive = alive
		return holder, nil
	}
	holder.Alive, err = c.renewed(ctx, namespace, lease)
	return holder, err
}

func (c Clients) lease(ctx context.Context, namespace, name string) (*coordination.Lease, error) {
	lease, err := c.Coordination.Leases(namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return lease, Fault("read lease "+name, err)
}

func holderOf(lease *coordination.Lease) Holder {
	holder := Holder{Name: process.ID(ptr.Deref(lease.Spec.HolderIdentity, "")).Name()}
	if lease.Spec.AcquireTime != nil {
		holder.Since = lease.Spec.AcquireTime.Time
	}
	if lease.Spec.RenewTime != nil {
		holder.Until = lease.Spec.RenewTime.Time
	}
	return holder
}

// renewed checks whether a lease changes before it expires.
func (c Clients) renewed(ctx context.Context, namespace string, lease *coordination.Lease) (bool, error) {
	wait.Report(ctx, "looking whether %s still works", holderOf(lease).Name)
	deadline := time.Now().Add(leaseDuration)
	for time.Now().Before(deadline) {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(time.Second):
		}
		now, err := c.lease(ctx, namespace, lease.Name)
		if err != nil || now == nil {
			return false, err
		}
		if now.ResourceVersion != lease.ResourceVersion {
			return true, nil
		}
	}
	return false, nil
}

// Hold takes a lease, so that no other run works on the same thing, and renews it
// until release is called: with done it is deleted, else it stays and shows the
// next run that its holder has died. The returned context ends when the lease is
// lost. If somebody else holds it and is alive, the error is of kind Conflict.
func (c Clients) Hold(ctx context.Context, namespace, name string) (held context.Context, release func(done bool), err error) {
	lease, err := c.take(ctx, namespace, name)
	if err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancelCause(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		cancel(c.renew(held, lease))
	}()
	return held, func(done bool) {
		cancel(nil)
		<-renewing
		if done {
			c.drop(context.WithoutCancel(ctx), lease)
		}
	}, nil
}

// renew keeps the lease until ctx ends. It returns why the lease was lost: it
// expired while the API server was away, or somebody took it over.
func (c Clients) renew(ctx context.Context, lease *coordination.Lease) error {
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(leaseDuration / 5):
		}
		renewed, err := c.renewOnce(ctx, lease)
		switch {
		case err == nil:
			renewed.DeepCopyInto(lease)
			last = time.Now()
		case apierrors.IsConflict(err) || apierrors.IsNotFound(err):
			return fault.New(fault.Conflict, "run again", "keep lease %s: it is lost", lease.Name)
		case time.Since(last) > leaseDuration:
			return Fault("keep lease "+lease.Name, err)
		}
	}
}

// renewOnce renews the lease. A conflict may come from our own renewal whose
// answer was lost, so it counts only if somebody else holds the lease.
func (c Clients) renewOnce(ctx context.Context, lease *coordination.Lease) (*coordination.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseDuration/2) // a hanging API server must not hide that the lease expires
	defer cancel()
	now := meta.NowMicro()
	next := lease.DeepCopy()
	next.Spec.RenewTime = &now
	renewed, err := c.Coordination.Leases(lease.Namespace).Update(ctx, next, meta.UpdateOptions{FieldManager: Manager})
	if !apierrors.IsConflict(err) {
		return renewed, err
	}
	found, readErr := c.stillOurs(ctx, lease)
	if readErr != nil {
		return nil, readErr
	}
	if found == nil {
		return nil, err
	}
	return found, nil
}

// stillOurs reads a lease again; it is nil when somebody else holds it now.
func (c Clients) stillOurs(ctx context.Context, lease *coordination.Lease) (*coordination.Lease, error) {
	found, err := c.lease(ctx, lease.Namespace, lease.Name)
	if err != nil || found == nil || found.UID != lease.UID || ptr.Deref(found.Spec.HolderIdentity, "") != ptr.Deref(lease.Spec.HolderIdentity, "") {
		return nil, err
	}
	return found, nil
}

// drop releases the lease, even if the answer to its last renewal came too late
// to be seen. If that fails, the lease expires by itself.
func (c Clients) drop(ctx context.Context, lease *coordination.Lease) {
	ctx, cancel := context.WithTimeout(ctx, leaseDuration)
	defer cancel()
	if !apierrors.IsConflict(c.release(ctx, lease)) {
		return
	}
	if found, err := c.stillOurs(ctx, lease); err == nil && found != nil {
		_ = c.release(ctx, found)
	}
}

func (c Clients) release(ctx context.Context, lease *coordination.Lease) error {
	return c.Coordination.Leases(lease.Namespace).Delete(ctx, lease.Name, meta.DeleteOptions{
		Preconditions: &meta.Preconditions{UID: &lease.UID, ResourceVersion: &lease.ResourceVersion}})
}
