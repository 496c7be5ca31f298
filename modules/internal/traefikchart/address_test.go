// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
)

const (
	wantsURL  = "endpoint must be a URL such as http://tempo.tracing.svc.cluster.local:4318/v1/traces"
	wantsHost = "endpoint must be HOST:PORT for gRPC, such as tempo.tracing.svc.cluster.local:4317"
)

// Traefik only logs an address that it cannot read, and exports nothing.
func TestAddressForTraefik(t *testing.T) {
	for name, test := range map[string]struct {
		reason, protocol, endpoint, want, message string
		zipkin                                    bool
	}{
		"a URL":                  {"as it is", "http", "https://otlp.example/v1/traces", "https://otlp.example/v1/traces", "", false},
		"a URL without a path":   {"Traefik adds the path", "http", "http://tempo:4318", "http://tempo:4318", "", false},
		"host and port":          {"the host would be taken for a scheme", "http", "tempo:4318", "http://tempo:4318/v1/traces", "", false},
		"an address of IP":       {"it would not be a URL", "http", "127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces", "", false},
		"a line break":           {"a trailing newline", "http", "http://tempo:4318/v1/traces\n", "http://tempo:4318/v1/traces", "", false},
		"zipkin":                 {"for Traefik v2", "http", "tempo:9411", "http://tempo:9411/api/v2/spans", "", true},
		"a URL for gRPC":         {"it would have too many colons", "grpc", "http://tempo:4317", "tempo:4317", "", false},
		"host and port for gRPC": {"as it is", "grpc", "tempo:4317", "tempo:4317", "", false},
		"IPv6 for gRPC":          {"in brackets", "grpc", "[::1]:4317", "[::1]:4317", "", false},
		"no port for gRPC":       {"Traefik has no default", "grpc", "tempo", "", wantsHost, false},
		"a path for gRPC":        {"there is none", "grpc", "tempo:4317/v1", "", wantsHost, false},
		"no such port":           {"too large", "http", "http://127.0.0.1:99999/v1/traces", "", wantsURL, false},
		"another protocol":       {"unsupported", "http", "grpc://tempo:4317", "", wantsURL, false},
		"a blank":                {"a host contains no blank", "http", "http://a b:4318", "", wantsURL, false},
		"a number":               {"not a host", "http", "-1:x", "", wantsURL, false},
	} {
		t.Run(name, func(t *testing.T) {
			target := Target{Config: Config{Endpoint: test.endpoint, Protocol: test.protocol}, Version: compat.TraefikVersion{Export: compat.OTLP}}
			if test.zipkin {
				target.Version.Export = compat.Zipkin
			}
			got, err := target.address(Found{})
			require.Equal(t, test.want, got, test.reason)
			if test.message == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.message, test.reason)
			require.Equal(t, fault.Usage, fault.KindOf(err))
		})
	}
}

// What is missing is told: Tempo itself, or one of its receivers.
func TestWhatIsMissingForAnAddress(t *testing.T) {
	for name, test := range map[string]struct {
		reason    string
		endpoints map[string]any
		receivers map[string]string
		want      string
		hint      string
	}{
		"no Tempo": {"no receiver can be enabled in it", nil, nil, "Traefik 3.6.13 has nowhere to send its spans: there is no Service of Tempo's release tempo in namespace tracing",
			"install Tempo first, correct tempo_namespace and tempo_release, or set endpoint"},
		"no receiver": {"it takes others", nil, map[string]string{"zipkin": "http://tempo:9411"}, "Traefik 3.6.13 needs Tempo's receiver otlp_http, and no such endpoint is known",
			"enable that receiver in Tempo, or set endpoint"},
		"by the task": {"nothing was looked for", map[string]any{"zipkin": "http://tempo:9411"}, nil, "Traefik 3.6.13 needs Tempo's receiver otlp_http, and no such endpoint is known",
			"enable that receiver in Tempo, or set endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			target := Target{Config: Config{Endpoints: test.endpoints}, Version: compat.TraefikVersion{Export: compat.OTLP}, Number: "3.6.13"}
			_, err := target.address(Found{Tempo: "Tempo's release tempo in namespace tracing", Receivers: test.receivers})
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, test.hint, fault.HintOf(err))
		})
	}
}
