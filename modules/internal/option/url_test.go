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
