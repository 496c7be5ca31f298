// SPDX-License-Identifier: AGPL-3.0-or-later

package fault_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// get asks a server as a module would, without trust in its certificate.
func get(url string, within time.Duration) error {
	client := http.Client{Timeout: within}
	answer, err := client.Get(url)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}

func TestKindOfNetworkErrors(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()

	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer dropping.Close()

	cases := map[string]struct {
		reason string
		err    error
		want   fault.Kind
	}{
		"dropped":            {"the server closes the connection without an answer", get(dropping.URL, time.Minute), fault.Unreachable},
		"an empty file":      {"not the end of a connection", fmt.Errorf("read: %w", io.EOF), fault.Internal},
		"refused":            {"nothing listens", get(gone.URL, time.Minute), fault.Unreachable},
		"unknown authority":  {"a certificate of its own", get(secure.URL, time.Minute), fault.TLS},
		"plain behind https": {"the scheme is wrong", get("https"+plain.URL[len("http"):], time.Minute), fault.TLS},
		"slow":               {"no answer in time", get(slow.URL, 50*time.Millisecond), fault.Timeout},
		"dns":                {"no such host", fmt.Errorf("get: %w", &net.DNSError{Err: "no such host", Name: "x"}), fault.Unreachable},
		"deadline":           {"the run's own deadline", fmt.Errorf("get: %w", context.DeadlineExceeded), fault.Timeout},
		"record header":      {"the answer is not TLS", fmt.Errorf("get: %w", tls.RecordHeaderError{Msg: "x"}), fault.TLS},
		"alert":              {"the server requires a client certificate", fmt.Errorf("get: %w", &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), fault.TLS},
		"interrupted":        {"the run was interrupted", fmt.Errorf("get: %w", context.Canceled), fault.Timeout},
		"anything else":      {"without a kind it is internal", errors.New("no"), fault.Internal},
		"what a server said": {"During marks what a server answered", fault.During("read bucket b", errors.New("no")), fault.Rejected},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Error(t, test.err)
			require.Equal(t, test.want, fault.KindOf(test.err), "%s: %v", test.reason, test.err)
		})
	}
}

func TestDuringKeepsKindAndHintOfTheCause(t *testing.T) {
	inner := fault.New(fault.Denied, "check the key", "sign in as tempo")
	outer := fault.During("read bucket b", inner)
	require.EqualError(t, outer, "read bucket b: sign in as tempo")
	require.Equal(t, fault.Denied, fault.KindOf(outer))
	require.Equal(t, "check the key", fault.HintOf(outer))
	require.ErrorIs(t, outer, inner)
	require.NoError(t, fault.During("anything", nil))
}

func TestErrorWithoutAKindIsInternal(t *testing.T) {
	ours := fmt.Errorf("encode the record: %w", errors.New("unsupported type"))
	require.Equal(t, fault.Internal, fault.KindOf(ours))
	require.Equal(t, fault.Internal, fault.KindOf(errors.Join(nil, ours)))
	require.Equal(t, fault.Denied, fault.KindOf(errors.Join(ours, fault.New(fault.Denied, "", "sign in"))), "an explicit kind takes precedence")
	require.Empty(t, fault.HintOf(ours))
}
