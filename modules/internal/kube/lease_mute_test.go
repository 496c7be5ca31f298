// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// mute is an API server that accepts requests and never answers.
type mute struct{}

func (mute) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

func muteClients(t *testing.T) Clients {
	t.Helper()
	config := &rest.Config{Host: "http://k", Transport: mute{}}
	withRetries(config)
	clients, err := NewClients(config)
	require.NoError(t, err)
	return clients
}

func TestUnrenewedLeaseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		err := muteClients(t).renew(t.Context(), newLease("tracing", "a"))
		require.ErrorContains(t, err, "keep lease a")
		require.Equal(t, fault.Timeout, fault.KindOf(err))
		require.Less(t, time.Since(begin), 2*leaseDuration, "before another run can take it over")
	})
}

func TestSilentAPIServerDelaysNothing(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		took   time.Duration
		do     func(context.Context, Clients) error
	}{
		"take a lease": {"the timeout of the run", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, _, err := c.Hold(ctx, "tracing", "a")
			return err
		}},
		"give a lease back": {"it expires by itself", leaseDuration, func(ctx context.Context, c Clients) error {
			c.drop(context.WithoutCancel(ctx), newLease("tracing", "a"))
			return context.DeadlineExceeded
		}},
		"forward a port": {"the timeout of the run", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, _, err := c.Forward(ctx, "tracing", "tempo", 4317)
			return err
		}},
		"ask a pod": {"the timeout of the run", 2 * time.Second, func(ctx context.Context, c Clients) error {
			_, err := c.AskPod(ctx, "tracing", "tempo-0", 3200, "ready")
			return err
		}},
		"without a bound": {"the default timeout", 30 * time.Second, func(_ context.Context, c Clients) error {
			_, err := c.lease(context.Background(), "tracing", "a")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clients := muteClients(t)
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
				defer cancel()
				begin := time.Now()
				require.Error(t, test.do(ctx, clients), test.reason)
				require.Equal(t, test.took, time.Since(begin), test.reason)
			})
		})
	}
}

// The run's own deadline counts too: an API server that never answers does not
// block it.
func TestPortForwardingHasATimeout(t *testing.T) {
	t.Parallel()
	config := &rest.Config{Host: "http://" + testkit.Mute(t)}
	withRetries(config)
	clients, err := NewClients(config)
	require.NoError(t, err)
	stop, ready, failed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	defer close(stop)
	forwarder, err := clients.forwarder("tracing", "tempo-0", 4317, stop, ready)
	require.NoError(t, err)
	go func() { failed <- forwarder.ForwardPorts() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begin := time.Now()
	_, err = opened(ctx, forwarder, ready, failed)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(begin), 10*time.Second)
	select {
	case err := <-failed:
		require.Fail(t, "the forwarder ended by itself", "%v", err)
	default:
	}
}

func TestPortForwardingTimeoutIs15Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := opened(t.Context(), nil, make(chan struct{}), make(chan error))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 15*time.Second, time.Since(begin))
	})
}
