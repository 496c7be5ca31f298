// SPDX-License-Identifier: AGPL-3.0-or-later

package receive

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

func TestReceiversOfAnEdition(t *testing.T) {
	cases := map[string]struct {
		reason     string
		configured map[string]any
		version    string
		wrong      string
	}{
		"all":                  {"what the charts configure", map[string]any{"otlp": map[string]any{"protocols": map[string]any{"grpc": nil, "http": nil}}, "zipkin": nil, "jaeger": map[string]any{"protocols": map[string]any{"grpc": nil, "thrift_http": nil, "thrift_compact": nil, "thrift_binary": nil}}}, "3.0.3", ""},
		"opencensus":           {"1.5 has it", map[string]any{"opencensus": nil}, "1.5.0", ""},
		"opencensus in 2.9.2":  {"the last of 2.9", map[string]any{"opencensus": nil}, "2.9.2", ""},
		"opencensus in 2.9.3":  {"removed", map[string]any{"opencensus": nil}, "2.9.3", `'receivers' unknown type: "opencensus"`},
		"opencensus in 2.10.5": {"the last of all", map[string]any{"opencensus": nil}, "2.10.5", ""},
		"opencensus in 2.10.8": {"removed", map[string]any{"opencensus": nil}, "2.10.8", `'receivers' unknown type: "opencensus"`},
		"unknown key":          {"receivers parse strictly", map[string]any{"zipkin": map[string]any{"nosuch": 1}}, "2.10.8", "nosuch"},
		"otlp without one":     {"1.5 refuses that", map[string]any{"otlp": nil}, "1.5.0", "empty config for OTLP receiver"},
		"otlp without one, 2":  {"it has no listener", map[string]any{"otlp": nil}, "2.10.8", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := edition.Parse(test.version)
			require.NoError(t, err)
			_, err = New(test.configured, e, nil)
			if test.wrong == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.wrong, test.reason)
		})
	}
}

func TestEndpoints(t *testing.T) {
	cases := map[string]struct {
		reason, version, want string
		given                 map[string]any
	}{
		"1.5":      {"all addresses", "1.5.0", "0.0.0.0:9411", nil},
		"2.6":      {"all addresses", "2.6.1", "0.0.0.0:9411", nil},
		"2.7":      {"its own host only", "2.7.0", "localhost:9411", nil},
		"3":        {"its own host only", "3.0.3", "localhost:9411", nil},
		"explicit": {"what is configured is used", "3.0.3", "0.0.0.0:1", map[string]any{"endpoint": "0.0.0.0:1"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			e, err := edition.Parse(test.version)
			require.NoError(t, err)
			require.Equal(t, test.want, complete("zipkin", test.given, e)["endpoint"], test.reason)
		})
	}
}
