// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
)

func TestComplete(t *testing.T) {
	cases := map[string]struct {
		reason   string
		endpoint tempo.Endpoint
		given    string
		want     string
	}{
		"otlp_http whole":       {"nothing is missing", tempo.OTLPHTTP, "http://10.0.0.11:4318/v1/traces", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http no path":     {"the protocol's default path is added", tempo.OTLPHTTP, "http://10.0.0.11:4318", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http a slash":     {"a slash is not a path", tempo.OTLPHTTP, "http://10.0.0.11:4318/", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http slashes":     {"nor are two", tempo.OTLPHTTP, "http://10.0.0.11:4318//", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http path, slash": {"the receiver does not know it with a slash", tempo.OTLPHTTP, "http://10.0.0.11:4318/v1/traces/", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http own, slash":  {"a proxy may need it", tempo.OTLPHTTP, "https://otlp.example/tempo/", "https://otlp.example/tempo/"},
		"zipkin path, slash":    {"as for the others", tempo.Zipkin, "http://10.0.0.11:9411/api/v2/spans/", "http://10.0.0.11:9411/api/v2/spans"},
		"query prefix, slash":   {"the API's paths begin with one", tempo.Query, "http://10.0.0.11:3200/tempo/", "http://10.0.0.11:3200/tempo"},
		"otlp_http host:port":   {"as for gRPC", tempo.OTLPHTTP, "10.0.0.11:4318", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http host":        {"the protocol's default port", tempo.OTLPHTTP, "tempo.tracing.svc", "http://tempo.tracing.svc:4318/v1/traces"},
		"otlp_http own path":    {"behind a proxy", tempo.OTLPHTTP, "https://otlp.example/tempo/v1/traces", "https://otlp.example/tempo/v1/traces"},
		"otlp_http https":       {"the default port of the scheme", tempo.OTLPHTTP, "https://otlp.example", "https://otlp.example/v1/traces"},
		"otlp_http blanks":      {"a multi-line value has them", tempo.OTLPHTTP, " 10.0.0.11:4318\n", "http://10.0.0.11:4318/v1/traces"},
		"otlp_http six":         {"IPv6", tempo.OTLPHTTP, "[fd00::1]:4318", "http://[fd00::1]:4318/v1/traces"},
		"zipkin no path":        {"the protocol's default path is added", tempo.Zipkin, "http://10.0.0.11:9411", "http://10.0.0.11:9411/api/v2/spans"},
		"zipkin host:port":      {"as for gRPC", tempo.Zipkin, "10.0.0.11:9411", "http://10.0.0.11:9411/api/v2/spans"},
		"zipkin host":           {"the protocol's default port", tempo.Zipkin, "10.0.0.11", "http://10.0.0.11:9411/api/v2/spans"},
		"query host:port":       {"as for the others", tempo.Query, "10.0.0.11:3100", "http://10.0.0.11:3100"},
		"query host":            {"the newer port", tempo.Query, "10.0.0.11", "http://10.0.0.11:3200"},
		"query slash":           {"the API's paths begin with one", tempo.Query, "http://10.0.0.11:3200/", "http://10.0.0.11:3200"},
		"query prefix":          {"http_api_prefix", tempo.Query, "http://10.0.0.11:3200/tempo", "http://10.0.0.11:3200/tempo"},
		"otlp_grpc host:port":   {"as gRPC clients expect it", tempo.OTLPgRPC, "10.0.0.11:4317", "10.0.0.11:4317"},
		"otlp_grpc host":        {"the protocol's default port", tempo.OTLPgRPC, "10.0.0.11", "10.0.0.11:4317"},
		"otlp_grpc URL":         {"https means TLS", tempo.OTLPgRPC, "https://10.0.0.11:4317", "https://10.0.0.11:4317"},
		"jaeger_thrift no path": {"the protocol's default path is added", tempo.JaegerThriftHTTP, "http://10.0.0.11:14268", "http://10.0.0.11:14268/api/traces"},
		"opencensus host:port":  {"it is unchanged", tempo.OpenCensus, "127.0.0.1:1", "127.0.0.1:1"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := test.endpoint.Complete(test.given)
			require.NoError(t, err)
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestInvalidAddresses(t *testing.T) {
	cases := map[string]struct {
		reason   string
		endpoint tempo.Endpoint
		given    string
		want     string
	}{
		"empty":          {"there is no host", tempo.OTLPHTTP, "", "must be host:port or a URL such as http://10.0.0.11:4318/v1/traces"},
		"a path":         {"there is no host", tempo.Zipkin, "/api/v2/spans", "must be host:port or a URL such as http://10.0.0.11:9411/api/v2/spans"},
		"another scheme": {"no client supports it", tempo.OTLPgRPC, "grpc://10.0.0.11:4317", "must be host:port such as 10.0.0.11:4317"},
		"a port's name":  {"a number is expected", tempo.OTLPgRPC, "10.0.0.11:otlp", "must be host:port such as 10.0.0.11:4317"},
		"a high port":    {"there is no such port", tempo.Query, "10.0.0.11:99999", "must be host:port or a URL such as http://10.0.0.11:3200"},
		"a login":        {"endpoints are shown", tempo.OTLPHTTP, "http://u:secret@10.0.0.11:4318", "must not hold a login"},
		"a bare login":   {"even without a scheme", tempo.OTLPgRPC, "u:secret@10.0.0.11:4317", "must not hold a login"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := test.endpoint.Complete(test.given)
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}
