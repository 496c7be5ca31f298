// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// proxies are the variables that name a proxy (golang.org/x/net/http/httpproxy,
// FromEnvironment, and what curl knows beside them).
var proxies = []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}

// proxyLogins are the passwords of proxies. One that holds a space or a percent
// sign makes no URL, and is quoted as such.
func proxyLogins(env option.Lookup) []secret.Text {
	var found []secret.Text
	for _, name := range proxies {
		value, _ := env(name)
		at := strings.LastIndexByte(value, '@')
		if at < 0 {
			continue
		}
		_, login, scheme := strings.Cut(value[:at], "://")
		if !scheme {
			login = value[:at]
		}
		_, password, _ := strings.Cut(login, ":")
		found = append(found, secret.NewText(login), secret.NewText(password))
	}
	return found
}
