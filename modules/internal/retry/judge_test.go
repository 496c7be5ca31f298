// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		reason      string
		asks        func() string
		limit       time.Duration
		status      int
		least, most time.Duration
	}{
		"nothing":        {"the backoff of the policy", func() string { return "" }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"0":              {"never immediately", func() string { return "0" }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"negative":       {"never immediately", func() string { return "-5" }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"2 s":            {"as the server asks", func() string { return "2" }, time.Minute, 200, 2 * time.Second, 2 * time.Second},
		"a date":         {"as well", func() string { return at(3 * time.Second) }, time.Minute, 200, 2 * time.Second, 3 * time.Second},
		"a date gone by": {"never immediately", func() string { return at(-time.Hour) }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"a day":          {"it is not waited for", func() string { return "86400" }, time.Minute, 200, 10 * time.Second, 10 * time.Second},
		"too large":      {"it makes no sense", func() string { return "99999999999999999999" }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"beyond the end": {"retried sooner, since the deadline is near", func() string { return "86400" }, 5 * time.Second, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"words":          {"they make no sense", func() string { return "soon" }, time.Minute, 200, 100 * time.Millisecond, 200 * time.Millisecond},
		"no time at all": {"the answer is returned at once", func() string { return "0" }, 50 * time.Millisecond, 503, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), test.limit)
				defer cancel()
				below := &network{answers: []any{503, 200}, header: http.Header{"Retry-After": {test.asks()}}}
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://k", nil)
				require.NoError(t, err)
				begin := time.Now()
				response, err := New(below, Policy{}).RoundTrip(request)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, test.status, response.StatusCode, test.reason)
				require.GreaterOrEqual(t, time.Since(begin), test.least, test.reason)
				require.LessOrEqual(t, time.Since(begin), test.most, test.reason)
				if test.status != http.StatusOK {
					require.Empty(t, response.Header, "clients with their own retries should not start again")
				}
			})
		})
	}
}
