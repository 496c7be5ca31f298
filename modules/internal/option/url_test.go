// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

func TestCheckURL(t *testing.T) {
	cases := map[string]struct{ reason, value, fails string }{
		"http":         {"an address in the cluster", "http://10.0.0.11", ""},
		"port, path":   {"a server behind an ingress", "https://logs.example.com:3100/loki", ""},
		"no scheme":    {"it would be taken for a path", "10.0.0.11:80", "must be a URL such as http://10.0.0.11"},
		"other scheme": {"only HTTP is spoken", "ftp://10.0.0.11", "must be a URL such as http://10.0.0.11"},
		"no host":      {"there is nobody to ask", "http://", "must be a URL such as http://10.0.0.11"},
		"login":        {"addresses are shown", "http://user:hunter2@10.0.0.11", "must not hold a login"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := option.CheckURL(test.value)
			if test.fails == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fails, test.reason)
		})
	}
}

func TestPortsOfAddresses(t *testing.T) {
	const wrong = "must have a port between 1 and 65535"
	for name, test := range map[string]struct{ reason, address, fault string }{
		"host and port":  {"gRPC", "tempo:4317", ""},
		"URL":            {"HTTP", "http://tempo:4318/v1/traces", ""},
		"without a port": {"the protocol's own", "https://tempo.example.com", ""},
		"IPv6":           {"in brackets", "[::1]:4317", ""},
		"far too many":   {"two digits too much", "http://tempo:431777", wrong},
		"zero":           {"no port", "tempo:0", wrong},
		"below zero":     {"no port", "tempo:-1", wrong},
		"a word":         {"no port", "http://tempo:otlp/", wrong},
		"something else": {"not this check's business", "http://a b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := option.CheckAddresses(map[string]any{"otlp_grpc": test.address, "other": 1})
			if test.fault == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fault+" in otlp_grpc", test.reason)
		})
	}
	require.EqualError(t, option.CheckURL("http://tempo:99999"), wrong)
	require.NoError(t, option.CheckURL("http://tempo:65535"))
}
