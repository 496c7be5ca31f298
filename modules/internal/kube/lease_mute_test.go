// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// mute are clients of an API server that takes connections and says nothing.
func mute(t *testing.T) Clients {
	t.Helper()
	config := &rest.Config{Host: "http://" + testkit.Mute(t)}
	outliving(config)
	clients, err := NewClients(config)
	require.NoError(t, err)
	return clients
}

func TestALeaseThatIsNotRenewedIsLost(t *testing.T) {
	t.Parallel()
	clients, begin := mute(t), time.Now()
	err := clients.renew(t.Context(), newLease("tracing", "a"))
	require.ErrorContains(t, err, "keep lease a")
	require.Equal(t, fault.Timeout, fault.KindOf(err))
	require.Less(t, time.Since(begin), 2*term, "before somebody takes it over")
}

func TestAMuteAPIServerEndsNothingLate(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		within time.Duration
		do     func(context.Context, Clients) error
	}{
		"take a lease": {"the run's bound", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, _, err := c.Hold(ctx, "tracing", "a")
			return err
		}},
		"give a lease back": {"it runs out by itself", term, func(ctx context.Context, c Clients) error {
			c.drop(context.WithoutCancel(ctx), newLease("tracing", "a"))
			return context.DeadlineExceeded
		}},
		"forward a port": {"the run's bound", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, _, err := c.Forward(ctx, "tracing", "tempo", 4317)
			return err
		}},
		"dial for a forwarded port": {"the forward's own", patienceToForward, func(_ context.Context, c Clients) error {
			stop, ready, failed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			defer close(stop)
			forwarder, err := c.forwarder("tracing", "tempo-0", 4317, stop, ready)
			if err != nil {
				return err
			}
			go func() { failed <- forwarder.ForwardPorts() }()
			_, err = opened(context.Background(), forwarder, ready, failed)
			return err
		}},
		"ask a pod": {"the run's bound", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, err := c.ask(ctx, "tracing", "tempo-0", 3200, "ready")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clients := mute(t)
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			begin := time.Now()
			require.Error(t, test.do(ctx, clients), test.reason)
			require.Less(t, time.Since(begin), test.within+5*time.Second, test.reason)
		})
	}
}
