// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/process"
)

// losing carries a request with this method for a lease out, and loses the first
// answer to it.
type losing struct {
	http.RoundTripper
	method string
	lost   *atomic.Bool
}

func (l losing) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(r)
	if err != nil || r.Method != l.method || !strings.Contains(r.URL.Path, "/leases") || l.lost.Swap(true) {
		return response, err
	}
	return nil, io.ErrUnexpectedEOF
}

// A lease that was taken is held, even if the answer to that was lost: its holder
// would be in its own way.
func TestLeaseIsOursAfterAnUnseenTaking(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason, method string
		left           process.ID
	}{
		"created":    {"nobody had it", http.MethodPost, ""},
		"taken over": {"its holder has died", http.MethodPut, dead()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			if test.left != "" {
				lease(t, c, test.left)
			}
			config, lost := rest.CopyConfig(c.Config), &atomic.Bool{}
			config.Wrap(func(next http.RoundTripper) http.RoundTripper { return losing{next, test.method, lost} })
			_, release, err := connect(t, config).Hold(t.Context(), c.namespace, "a")
			require.NoError(t, err, test.reason)
			require.True(t, lost.Load(), "the answer was lost")
			require.Equal(t, string(process.Self()), heldBy(t, c))
			_, _, err = c.Hold(t.Context(), c.namespace, "a")
			requireFault(t, err, fault.Conflict, "take lease a: "+process.Self().Name()+" works on it")
			release(true)
			found, err := c.Holder(t.Context(), c.namespace, "a")
			require.NoError(t, err)
			require.Empty(t, found.Name, "it was given back")
		})
	}
}
