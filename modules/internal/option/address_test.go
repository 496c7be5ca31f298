// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

func TestPortsOfAddresses(t *testing.T) {
	const wrong = "must have a port between 1 and 65535"
	for name, test := range map[string]struct{ reason, address, fault string }{
		"host and port":  {"gRPC", "tempo:4317", ""},
		"URL":            {"HTTP", "http://tempo:4318/v1/traces", ""},
		"without a port": {"the protocol's default", "https://tempo.example.com", ""},
		"IPv6":           {"in brackets", "[::1]:4317", ""},
		"far too many":   {"two digits too many", "http://tempo:431777", wrong},
		"zero":           {"not a port", "tempo:0", wrong},
		"below zero":     {"not a port", "tempo:-1", wrong},
		"a word":         {"not a port", "http://tempo:otlp/", wrong},
		"something else": {"not checked here", "http://a b", ""},
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
	require.EqualError(t, option.CheckAddresses(map[string]any{"b": "http://u:hunter2@host"}), "must not hold a login under b")
}
