// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

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
		"tree": {"callers stand above what they called", []tempo.Span{
			{ID: "a", Service: "traefik", Name: "in", Start: at(0), Duration: 100 * time.Millisecond},
			{ID: "b", Parent: "a", Service: "web", Name: "vote", Start: at(50), Duration: 50 * time.Millisecond, Failed: true},
			{ID: "c", Parent: "b", Service: "db", Name: "get", Start: at(60), Duration: 1500 * time.Microsecond},
		}, []string{
			"traefik  in       ██████████  100ms",
			"web        vote   ·····█████  50ms  error",
			"db           get  ······█···  1.5ms",
		}},
		"no parent": {"a caller that sent no span", []tempo.Span{{ID: "a", Parent: "gone", Service: "s", Name: "n", Start: at(0), Duration: 2 * time.Second}}, []string{"s  n  ██████████  2s"}},
		"circle":    {"each is the other's parent", []tempo.Span{{ID: "a", Parent: "b", Service: "s", Name: "x", Start: at(0)}, {ID: "b", Parent: "a", Service: "s", Name: "y", Start: at(0)}}, []string{"s  x  █·········  0s", "s  y  █·········  0s"}},
		"none":      {"nothing to draw", nil, []string{}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, Waterfall(tempo.Trace{Spans: test.spans}, 10), test.reason)
		})
	}
}

func TestEveryRowOfTheTableSaysWhatToDo(t *testing.T) {
	seen := map[string]bool{}
	for _, cause := range causes {
		key := string(cause.Hop) + "/" + string(cause.Symptom)
		require.False(t, seen[key], "%s stands there twice", key)
		seen[key] = true
		require.NotEmpty(t, cause.Text, key)
		require.NotEmpty(t, cause.Look, key)
		require.NotEmpty(t, cause.Source, key)
		require.True(t, cause.Hop == anyReceiver || titles[cause.Hop] != "", key)
	}
}

func TestInside(t *testing.T) {
	cases := map[string]struct {
		reason, reach, host string
		want                service
		inside              bool
	}{
		"service with domain": {"as tempo_helm writes it", "auto", "tempo-distributor.tracing.svc.cluster.local:4318", service{"tracing", "tempo-distributor", 4318}, true},
		"service alone":       {"short form", "auto", "loki.logging.svc", service{"logging", "loki", 80}, true},
		"address":             {"of this network", "auto", "10.0.0.11:4318", service{}, false},
		"other name":          {"the name service knows it", "auto", "tempo.picluster.example:3200", service{}, false},
		"told to go directly": {"within a pod", "direct", "tempo.tracing.svc:3200", service{}, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, inside := (&dialer{spec: Spec{Args: Args{Reach: test.reach}}}).inside(test.host)
			require.Equal(t, test.inside, inside, test.reason)
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestTagOf(t *testing.T) {
	cases := map[string]struct{ reason, image, want string }{
		"tag":      {"as k3s names it", "rancher/mirrored-library-traefik:3.6.7", "3.6.7"},
		"port":     {"the colon is the registry's", "registry.example:5000/traefik", ""},
		"both":     {"and a tag", "registry.example:5000/traefik:v3.7.1", "v3.7.1"},
		"digest":   {"behind the tag", "traefik:v2.9.1@sha256:00", "v2.9.1"},
		"no place": {"the name alone", "traefik", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, tagOf(test.image), test.reason) })
	}
}
