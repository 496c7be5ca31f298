// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// passing answers the first request with a temporary fault, and all others with
// a permanent refusal: a run that reports the refusal has retried.
func passing(t *testing.T, status int, after string) (address string, requests *atomic.Int32) {
	requests = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) > 1 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if status == http.StatusOK { // an answer that breaks off
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			return
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), requests
}

func TestOneTemporaryErrorFailsNoRun(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		status int
		after  string
	}{
		"429": {429, ""}, "429, at once": {429, "0"}, "429, in a day": {429, "86400"}, "500": {500, ""}, "500, at once": {500, "0"},
		"an answer that breaks off": {200, ""}, "502": {502, ""}, "503": {503, ""}, "503, at once": {503, "0"}, "503, tomorrow": {503, "Wed, 01 Jan 2200 00:00:00 GMT"}, "504": {504, ""},
	}
	type running struct {
		status  int
		address string
		count   *atomic.Int32
		end     func(*testing.T) string
	}
	runs := map[string]running{}
	for name, one := range situations(t) {
		if strings.Contains(name, "by default") || !reads(name) {
			continue
		}
		for what, fault := range faults {
			address, requests := passing(t, fault.status, fault.after)
			runs[name+": "+what] = running{fault.status, address, requests, begun(one.module, one.options(address))}
		}
	}
	for name, one := range runs {
		t.Run(name, func(t *testing.T) {
			output := one.end(t)
			require.GreaterOrEqual(t, one.count.Load(), int32(2), output)
			require.NotRegexp(t, fmt.Sprintf(`\b%d\b`, one.status), strings.ReplaceAll(output, one.address, "ADDRESS"), "the run ends with the refusal")
			require.NotContains(t, output, testkit.Canary, "a secret was printed")
		})
	}
}

// reads leaves out requests to a receiver, and those that Traefik passes on,
// whose answer is the proof.
func reads(situation string) bool {
	for _, sent := range []string{"OTLP", "Zipkin", "Traefik"} {
		if strings.Contains(situation, ", "+sent) {
			return false
		}
	}
	return true
}

// An endless answer does not fill the memory.
func TestAnswersAreReadWithALimit(t *testing.T) {
	t.Parallel()
	for name, one := range situations(t) {
		if strings.Contains(name, "by default") || !reads(name) || strings.Contains(name, "login") {
			continue
		}
		for _, status := range []int{http.StatusOK, http.StatusForbidden} {
			t.Run(fmt.Sprintf("%s: %d", name, status), func(t *testing.T) {
				t.Parallel()
				address, sent := endlessly(t, status)
				output := begun(one.module, one.options(address))(t)
				require.NotEmpty(t, output)
				require.Less(t, len(output), 2<<10, "the error is bounded as well")
				require.Less(t, sent.Load(), int64(256<<20), output)
			})
		}
	}
}

// endlessly sends an endless answer as fast as it can, and counts the bytes.
func endlessly(t *testing.T, status int) (address string, sent *atomic.Int64) {
	sent = &atomic.Int64{}
	block := []byte(strings.Repeat("x", 64<<10))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		for {
			n, err := w.Write(block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), sent
}
