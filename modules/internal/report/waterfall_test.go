// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
)

func TestWaterfall(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1000 + int64(ms)) }
	cases := map[string]struct {
		reason string
		spans  []tempo.Span
		want   []string
	}{
		"tree": {"callers come before what they called", []tempo.Span{
			{ID: "a", Service: "traefik", Name: "in", Start: at(0), Duration: 100 * time.Millisecond},
			{ID: "b", Parent: "a", Service: "web", Name: "vote", Start: at(50), Duration: 50 * time.Millisecond, Failed: true},
			{ID: "c", Parent: "b", Service: "db", Name: "get", Start: at(60), Duration: 1500 * time.Microsecond},
		}, []string{
			"traefik  in       ██████████  100ms",
			"web        vote   ·····█████  50ms  error",
			"db           get  ······█···  1.5ms",
		}},
		"no parent": {"the caller sent no span", []tempo.Span{{ID: "a", Parent: "gone", Service: "s", Name: "n", Start: at(0), Duration: 2 * time.Second}}, []string{"s  n  ██████████  2s"}},
		"cycle":     {"each is the other's parent", []tempo.Span{{ID: "a", Parent: "b", Service: "s", Name: "x", Start: at(0)}, {ID: "b", Parent: "a", Service: "s", Name: "y", Start: at(0)}}, []string{"s  x  █·········  0s", "s  y  █·········  0s"}},
		"none":      {"nothing to draw", nil, []string{}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, Waterfall(tempo.Trace{Spans: test.spans}, 10), test.reason)
		})
	}
}
