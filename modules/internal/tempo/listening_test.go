// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListening(t *testing.T) {
	cases := map[string]struct {
		reason  string
		config  string
		version string
		want    []Endpoint
	}{
		"chart's default": {"the Service of chart tempo shows 9411, Tempo has no Zipkin receiver", `
distributor:
  receivers:
    jaeger: {protocols: {grpc: {endpoint: "0.0.0.0:14250"}}}
    otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}, http: {endpoint: "0.0.0.0:4318"}}}
`, "2.10.8", []Endpoint{OTLPgRPC, OTLPHTTP}},
		"zipkin with an address": {"as the role tempo writes it", `distributor: {receivers: {zipkin: {endpoint: "0.0.0.0:9411"}}}`, "2.10.8", []Endpoint{Zipkin}},
		"zipkin without one":     {"localhost of the pod from 2.7 on", `distributor: {receivers: {zipkin: {}}}`, "2.7.0", nil},
		"zipkin null":            {"null means the defaults", `distributor: {receivers: {zipkin: null}}`, "2.10.8", nil},
		"zipkin before 2.7":      {"all addresses", `distributor: {receivers: {zipkin: null}}`, "2.6.1", []Endpoint{Zipkin}},
		"loopback by name":       {"for a sidecar only", `distributor: {receivers: {zipkin: {endpoint: "localhost:9411"}}}`, "2.6.1", nil},
		"loopback by number":     {"for a sidecar only", `distributor: {receivers: {zipkin: {endpoint: "[::1]:9411"}}}`, "2.6.1", nil},
		"address by variable":    {"what Tempo expands later counts as open", `distributor: {receivers: {zipkin: {endpoint: "${POD_IP}:9411"}}}`, "2.10.8", []Endpoint{Zipkin}},
		"one protocol":           {"otlp without http", `distributor: {receivers: {otlp: {protocols: {grpc: {endpoint: ":4317"}}}}}`, "2.10.8", []Endpoint{OTLPgRPC}},
		"otlp null":              {"no protocol", `distributor: {receivers: {otlp: null}}`, "2.6.1", nil},
		"nothing":                {"an empty file", "", "2.10.8", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Listening(c.config, c.version)
			require.NoError(t, err)
			require.Equal(t, c.want, got, c.reason)
		})
	}
	_, err := Listening("distributor: [", "2.10.8")
	require.ErrorContains(t, err, "read Tempo's configuration: ")
}
