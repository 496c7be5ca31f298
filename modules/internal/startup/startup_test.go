// SPDX-License-Identifier: AGPL-3.0-or-later

package startup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/startup"
)

func TestTemporary(t *testing.T) {
	cases := map[string]struct {
		reason string
		err    error
		want   bool
	}{
		"none":            {"no error", nil, false},
		"nobody listens":  {"not yet", fmt.Errorf("dial: %w", syscall.ECONNREFUSED), true},
		"a reset":         {"the server is restarting", fmt.Errorf("read: %w", syscall.ECONNRESET), true},
		"cut off":         {"the same without a reset", fmt.Errorf("read: %w", io.EOF), true},
		"by the proxy":    {"the API server reaches no pod", apierrors.NewServiceUnavailable("no endpoints"), true},
		"Loki starts":     {"it says so", &loki.Refusal{Status: 503}, true},
		"too many":        {"the client is throttled", &loki.Refusal{Status: 429}, true},
		"a wrong query":   {"it is permanent", &loki.Refusal{Status: 400}, false},
		"no ring yet":     {"with a generic status", errors.New("500: empty ring"), true},
		"no partition":    {"Tempo 3, before its live store has joined", errors.New("500: no active partition found"), true},
		"another failure": {"nothing shows that it is temporary", errors.New("500: AccessDenied"), false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, startup.Temporary(test.err), test.reason)
		})
	}
}

func TestRepeat(t *testing.T) {
	cases := map[string]struct {
		reason string
		errs   []error // of the attempts, the last one for all that follow
		tries  int
		took   time.Duration
		want   string
	}{
		"at once":    {"nothing to wait for", []error{nil}, 1, 0, ""},
		"after two":  {"the server has started", []error{syscall.ECONNREFUSED, syscall.ECONNREFUSED, nil}, 3, 300 * time.Millisecond, ""},
		"for good":   {"the request is not repeated", []error{syscall.ECONNREFUSED, errors.New("no such tenant")}, 2, 100 * time.Millisecond, "no such tenant"},
		"never":      {"the reason is that of the last attempt", []error{syscall.ECONNREFUSED}, 5, 2 * time.Second, "after 2s: connection refused"},
		"other ends": {"the last one counts", []error{syscall.ECONNREFUSED, io.EOF}, 5, 2 * time.Second, "after 2s: EOF"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, tries := time.Now(), 0
				err := startup.Repeat(t.Context(), "a server", 2*time.Second, func(context.Context) error {
					tries++
					return test.errs[min(tries, len(test.errs))-1]
				})
				require.Equal(t, test.took, time.Since(begin), test.reason)
				require.Equal(t, test.tries, tries, test.reason)
				if test.want == "" {
					require.NoError(t, err)
					return
				}
				require.EqualError(t, err, test.want, test.reason)
			})
		})
	}
}
