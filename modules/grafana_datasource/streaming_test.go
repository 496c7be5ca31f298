// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/streaming"
)

func TestStreamingInTheSpec(t *testing.T) {
	on := func(keys map[string]any) *grafana.Source {
		return &grafana.Source{JSONData: map[string]any{jsondata.StreamingEnabled: keys}}
	}
	tests := map[string]struct {
		reason   string
		options  map[string]any
		observed Status
		want     any
		asks     bool
	}{
		"not created yet": {"Tempo is probed after the write", map[string]any{"search": true}, Status{}, nil, true},
		"it works":        {"it is switched on", map[string]any{"search": true, "metrics": true}, Status{Source: on(nil), Streaming: &streaming.Answer{}}, map[string]any{"search": true, "metrics": true}, false},
		"half of it":      {"only what Tempo can stream", map[string]any{"search": true, "metrics": true}, Status{Source: on(nil), Streaming: &streaming.Answer{Off: map[string]string{"metrics": "old"}}}, map[string]any{"search": true}, false},
		"nothing of it":   {"unchanged", map[string]any{"search": true}, Status{Source: on(nil), Streaming: &streaming.Answer{Off: map[string]string{"search": "no"}}}, nil, false},
		"on already":      {"Tempo is not probed", map[string]any{"search": true}, Status{Source: on(map[string]any{"search": true})}, map[string]any{"search": true}, false},
		"off":             {"Tempo is not probed", map[string]any{"search": false}, Status{}, map[string]any{"search": false}, false},
		"one off, one on": {"each on its own", map[string]any{"search": true, "metrics": false}, Status{Source: on(nil), Streaming: &streaming.Answer{}}, map[string]any{"search": true, "metrics": false}, false},
		"not wanted":      {"the current setting is kept", map[string]any{}, Status{Source: on(map[string]any{"search": true})}, nil, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			args := read(t, map[string]any{"tempo": map[string]any{"streaming": tc.options}})
			made := resolved{Spec: Spec{Args: args, Settings: args.settings(), Streaming: args.Tempo.WantedStreaming()}}.withStreaming(tc.observed)
			require.Equal(t, tc.want, made.Settings[jsondata.StreamingEnabled], tc.reason)
			require.Equal(t, tc.asks, made.askTempo, tc.reason)
		})
	}
}
