// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	coordination "k8s.io/api/coordination/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/process"
)

// dead is a process of this machine that has ended: no process has that number.
func dead() process.ID {
	parts := strings.Fields(string(process.Self()))
	parts[1] = "999999999"
	return process.ID(strings.Join(parts, " "))
}

// elsewhere is a process of another machine.
const elsewhere = process.ID("pi9 4711 another-boot/pid:[1] 100")

// lease creates one as its holder would.
func lease(t *testing.T, c cluster, holder process.ID) *coordination.Lease {
	t.Helper()
	id, since := string(holder), meta.NewMicroTime(time.Now().Add(-time.Hour))
	made, err := c.Coordination.Leases(c.namespace).Create(t.Context(), &coordination.Lease{
		ObjectMeta: meta.ObjectMeta{Name: "a"},
		Spec:       coordination.LeaseSpec{HolderIdentity: &id, AcquireTime: &since, RenewTime: &since},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	return made
}

func heldBy(t *testing.T, c cluster) string {
	t.Helper()
	found, err := c.Coordination.Leases(c.namespace).Get(t.Context(), "a", meta.GetOptions{})
	require.NoError(t, err)
	return *found.Spec.HolderIdentity
}

func TestLeaseHasOneHolder(t *testing.T) {
	c := newCluster(t)
	nobody, err := c.Holder(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.Equal(t, kube.Holder{}, nobody)

	held, release, err := c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.Equal(t, string(process.Self()), heldBy(t, c))
	_, _, err = c.Hold(t.Context(), c.namespace, "a")
	requireFault(t, err, fault.Conflict, "take lease a: "+process.Self().Name()+" works on it")
	holder, err := c.Holder(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.True(t, holder.Alive)
	require.True(t, holder.RanAt(time.Now()))

	release(true)
	require.Error(t, held.Err(), "its context is cancelled with it")
	_, release, err = c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err, "it was released")
	release(false)
	require.Equal(t, string(process.Self()), heldBy(t, c), "an unfinished run leaves it for the next run to see")
}

func TestLeaseOfADeadProcessIsTakenOver(t *testing.T) {
	c := newCluster(t)
	lease(t, c, dead())
	holder, err := c.Holder(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.False(t, holder.Alive)
	require.Contains(t, holder.Name, "process 999999999 on ")
	require.False(t, holder.RanAt(time.Now()), "it died an hour ago")
	require.True(t, holder.RanAt(time.Now().Add(-time.Hour)))

	_, release, err := c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.Equal(t, string(process.Self()), heldBy(t, c))
	release(true)
}

// A lease of another machine is watched until it is renewed.
func TestLeaseRenewedByAnotherMachine(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	theirs := lease(t, c, elsewhere)
	go func() {
		for err := error(nil); err == nil; time.Sleep(time.Second) { // repeatedly: it may first be read after the first renewal
			now := meta.NowMicro()
			theirs.Spec.RenewTime = &now
			theirs, err = c.Coordination.Leases(c.namespace).Update(t.Context(), theirs, meta.UpdateOptions{})
		}
	}()
	_, _, err := c.Hold(t.Context(), c.namespace, "a")
	requireFault(t, err, fault.Conflict, "process 4711 on pi9 works on it")
	require.Equal(t, string(elsewhere), heldBy(t, c))
}

// A lease that is released while it is watched has no holder.
func TestLeaseReleasedByAnotherMachine(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	lease(t, c, elsewhere)
	go func() { _ = c.Coordination.Leases(c.namespace).Delete(t.Context(), "a", meta.DeleteOptions{}) }()
	_, release, err := c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	release(true)
}

// A lease that nobody renews expires.
func TestLeaseOfAnotherMachineExpires(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	lease(t, c, elsewhere)
	begin := time.Now()
	_, release, err := c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.InDelta(t, 20, time.Since(begin).Seconds(), 3)
	release(true)
}

func TestReadingALeaseEndsWithTheRun(t *testing.T) {
	c := newCluster(t)
	lease(t, c, elsewhere)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, _, err := c.Hold(ctx, c.namespace, "a")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A lease that another run takes over, or somebody deletes, ends the work it is
// for.
func TestLostLeaseEndsTheWork(t *testing.T) {
	for name, lose := range map[string]func(*testing.T, cluster){
		"taken over": func(t *testing.T, c cluster) {
			found, err := c.Coordination.Leases(c.namespace).Get(t.Context(), "a", meta.GetOptions{})
			require.NoError(t, err)
			other := string(elsewhere)
			found.Spec.HolderIdentity = &other
			_, err = c.Coordination.Leases(c.namespace).Update(t.Context(), found, meta.UpdateOptions{})
			require.NoError(t, err)
		},
		"deleted": func(t *testing.T, c cluster) {
			require.NoError(t, c.Coordination.Leases(c.namespace).Delete(t.Context(), "a", meta.DeleteOptions{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			held, release, err := c.Hold(t.Context(), c.namespace, "a")
			require.NoError(t, err)
			defer release(true)
			lose(t, c)
			select {
			case <-held.Done():
				requireFault(t, context.Cause(held), fault.Conflict, "keep lease a: it is lost")
			case <-time.After(15 * time.Second):
				t.Fatal("the work goes on")
			}
		})
	}
}

// Our own renewal whose answer was lost leaves a newer lease that is still
// ours: it is kept, and released at the end.
func TestLeaseIsOursAfterAnUnseenRenewal(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	held, release, err := c.Hold(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	touch := func() {
		_, err = c.Coordination.Leases(c.namespace).Patch(t.Context(), "a", "application/merge-patch+json",
			[]byte(`{"metadata":{"annotations":{"renewed":"`+time.Now().String()+`"}}}`), meta.PatchOptions{})
		require.NoError(t, err)
	}
	touch()
	select {
	case <-held.Done():
		t.Fatal(context.Cause(held))
	case <-time.After(6 * time.Second): // longer than the renewal interval
	}
	touch()
	release(true)
	found, err := c.Holder(t.Context(), c.namespace, "a")
	require.NoError(t, err)
	require.Equal(t, kube.Holder{}, found)
}

func TestLeaseWithoutPermission(t *testing.T) {
	c := newCluster(t)
	_, _, err := c.stranger(t).Hold(t.Context(), c.namespace, "a")
	requireFault(t, err, fault.Denied, "read lease a")
	requireFault(t, kube.Busy(kube.Holder{}, "take lease a"), fault.Conflict, "take lease a: another run works on it")
}
