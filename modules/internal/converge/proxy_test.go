// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

func TestProxyLogins(t *testing.T) {
	cases := map[string]struct {
		reason, value string
		want          []string
	}{
		"none":      {"most proxies require no login", "http://127.0.0.1:3128", nil},
		"login":     {"as a URL", "http://me:hunter2@127.0.0.1:3128", []string{"me:hunter2", "hunter2"}},
		"no URL":    {"net/http quotes it", "http://me:hunter 2%zz@127.0.0.1:3128", []string{"me:hunter 2%zz", "hunter 2%zz"}},
		"no scheme": {"it defaults to http", "me:hunt@er2@127.0.0.1:3128", []string{"me:hunt@er2", "hunt@er2"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var found []string
			for _, text := range proxyLogins(func(name string) (string, bool) { return map[string]string{"https_proxy": test.value}[name], true }) {
				found = append(found, text.Reveal())
			}
			require.Equal(t, test.want, found, test.reason)
		})
	}
	var hide secret.Redactor
	hide.Add(proxyLogins(func(string) (string, bool) { return "http://me:hunter 2@127.0.0.1", true })...)
	require.Equal(t, `invalid proxy address "http://***@127.0.0.1"`, hide.Text(`invalid proxy address "http://me:hunter 2@127.0.0.1"`))
}
