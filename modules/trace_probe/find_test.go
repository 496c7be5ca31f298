// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/spanmetrics"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// slow is a Tempo that finds a trace after a while, without a network, so that
// its clock can be fake.
type slow struct {
	after time.Duration
	begin time.Time
	asked []time.Duration // when it was asked for the trace, since the start
}

func (s *slow) RoundTrip(request *http.Request) (*http.Response, error) {
	since := time.Since(s.begin)
	status, body := http.StatusOK, "ready"
	if request.URL.Path != "/ready" && request.URL.Path != "/status/version" {
		s.asked = append(s.asked, since)
		body = `{"batches":[{"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0b902b79","name":"n"}]}]}]}`
		if since < s.after {
			status, body = http.StatusNotFound, "trace not found"
		}
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Body: io.NopCloser(bytes.NewBufferString(body)), Request: request}, nil
}

func TestBackoff(t *testing.T) {
	const ms = time.Millisecond
	cases := map[string]struct {
		reason       string
		after, limit time.Duration
		asked        []time.Duration
		found        bool
		took         time.Duration
	}{
		"at once": {"it does not wait if there is nothing to wait for", 0, time.Minute, []time.Duration{0}, true, 0},
		"after 30 s": {"twelve attempts, further and further apart", 30 * time.Second, time.Minute,
			[]time.Duration{0, 100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms, 6300 * ms, 11300 * ms, 16300 * ms, 21300 * ms, 26300 * ms, 31300 * ms}, true, 31300 * ms},
		"too late": {"the limit is observed, and one more request finds out why", 30 * time.Second, 10 * time.Second,
			[]time.Duration{0, 100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms, 6300 * ms, 10 * time.Second}, false, 10 * time.Second},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &slow{after: test.after, begin: time.Now()}
				query, err := tempo.Open(t.Context(), tempo.Target{URL: "http://tempo", HTTP: &http.Client{Transport: server}})
				require.NoError(t, err)
				prober := prober{client: &client{query: query}, spec: Spec{Args: Args{WaitTimeout: test.limit}}}
				trace, err := prober.find(t.Context(), "4bf92f3577b34da6a3ce929d0e0e4736", func(tempo.Trace) bool { return true })
				require.Equal(t, test.took, time.Since(server.begin), test.reason)
				require.Equal(t, test.asked, server.asked, test.reason)
				require.Equal(t, test.found, len(trace.Spans) > 0)
				if !test.found {
					require.Equal(t, fault.Timeout, fault.KindOf(err))
				}
			})
		})
	}
}

// A client's own limit can fail at the deadline: the last answer before it says more.
func TestWaitForMetricsReportsTheLastAnswer(t *testing.T) {
	refused := &spanmetrics.Refusal{Status: http.StatusBadGateway, Message: "Bad Gateway"}
	late := fault.New(fault.Timeout, "", "read data source prometheus: timed out: no answer")
	wrong := &spanmetrics.Refusal{Status: http.StatusBadRequest, Message: "parse error"}
	cases := map[string]struct {
		reason  string
		answers []error
		want    error
	}{
		"refused, late": {"the refusal is the reason", []error{refused, late}, refused},
		"empty, late":   {"it answered and found nothing", []error{refused, nil, late}, late},
		"refused twice": {"a wrong query ends the wait", []error{refused, wrong}, wrong},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				_, err := prober{spec: Spec{Args: Args{WaitTimeout: time.Minute}}}.await(t.Context(), "metrics", func(context.Context) (int, error) {
					asked++
					return 0, test.answers[asked-1]
				})
				require.ErrorIs(t, err, test.want, test.reason)
			})
		})
	}
}
