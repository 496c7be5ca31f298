// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package probe_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

func TestTheRealChainPasses(t *testing.T) {
	chain := newStack(t, setting{search: true})
	result := testkit.Unchanged(t, chain.task().With(chain.grafana(t, nil)).Apply(t))
	require.Equal(t, map[string]string{
		"query": "passed", "otlp_grpc": "passed", "otlp_http": "passed", "zipkin": "passed", "search": "passed", "ingress": "passed",
		"traefik": "passed", "application": "passed", "access_log": "passed", "derived_field": "passed", "grafana": "passed",
	}, statuses(t, result))
	require.Equal(t, map[string]any{"tempo": "1.5.0"}, result["versions"])
	for _, item := range result["hops"].([]any) {
		hop := item.(map[string]any)
		t.Logf("%-13v %5v ms  %v", hop["name"], hop["latency_ms"], hop["detail"])
	}
	for _, line := range result["waterfall"].([]any) {
		t.Log(line)
	}
}

func TestReceiversAloneTakeLittleTime(t *testing.T) {
	chain := newStack(t, setting{})
	task := chain.task().With(map[string]any{"ingress_host": nil, "ingress_url": nil, "services": nil, "loki_url": nil})
	begin := time.Now()
	result := testkit.Unchanged(t, task.Apply(t))
	require.Less(t, time.Since(begin), 3*time.Second)
	require.Equal(t, map[string]string{"query": "passed", "otlp_grpc": "passed", "otlp_http": "passed", "zipkin": "passed", "search": "absent"}, statuses(t, result))
}

// A real server is broken in each case, and the hop is named.
func TestTheRealBrokenHopIsNamed(t *testing.T) {
	cases := map[string]struct {
		reason string
		set    setting
		field  map[string]any
		change map[string]any
		hop    string
		hint   string
	}{
		"receiver off":        {"Tempo takes Zipkin only", setting{receivers: "{zipkin: {endpoint: \"127.0.0.1:0\"}}"}, nil, map[string]any{"receivers": []any{"otlp_grpc"}}, "otlp_grpc", "nothing listens"},
		"traefik sends away":  {"the endpoint is a dead port", setting{export: "http://127.0.0.1:1/v1/traces"}, nil, nil, "traefik", "sent no span"},
		"only tracecontext":   {"Traefik's default", setting{search: true, propagates: "tracecontext,baggage"}, nil, map[string]any{"wait_timeout": "15s"}, "traefik", "does not read B3"},
		"application is deaf": {"it sends no spans", setting{deaf: true}, nil, nil, "application", "nothing beneath Traefik's span"},
		"fields are dropped":  {"fields.defaultMode: drop", setting{headers: "drop"}, nil, nil, "access_log", "has no trace ID"},
		"seed's expression":   {"on Traefik v3 it matches nothing", setting{}, map[string]any{"matcherRegex": `"request_X-B3-Traceid":"(\w+)"`}, nil, "derived_field", "does not match"},
		"uid of another":      {"a name for a uid", setting{}, map[string]any{"datasourceUid": "Tempo"}, nil, "derived_field", "leads to another"},
		"policy without list": {"Tempo ends at its start", setting{actions: []any{"s3:PutObject"}}, nil, nil, "query", "cannot be reached"},
		"no such host":        {"no route", setting{}, nil, map[string]any{"ingress_host": "other.example"}, "ingress", "no route"},
		"wrong query port":    {"Traefik answers there", setting{}, nil, map[string]any{"endpoints": "TRAEFIK"}, "query", "not ready, or is not Tempo"},
		"wrong tempo uid":     {"no such data source", setting{}, nil, map[string]any{"tempo_uid": "nowhere"}, "derived_field", "leads to another"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain := newStack(t, test.set)
			task := chain.task().With(chain.grafana(t, test.field)).With(map[string]any{"wait_timeout": "6s"})
			if test.change["endpoints"] == "TRAEFIK" {
				test.change = map[string]any{"endpoints": map[string]any{"query": chain.traefik, "zipkin": chain.tempo.Zipkin}}
			}
			result := task.With(test.change).Apply(t)
			message := testkit.Failed(t, result)
			t.Log(message, "|", result["hint"])
			require.Contains(t, message, "hop "+test.hop+" (", test.reason)
			require.Contains(t, result["hint"], test.hint, test.reason)
		})
	}
}
