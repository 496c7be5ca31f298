// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/picluster/tracing/modules/internal/secret"
)

var errPort = errors.New("must have a port between 1 and 65535")

// CheckURL is a Check for the address of a web server: http or https with a host.
// It may not hold a login, since addresses are shown.
func CheckURL(value any) error {
	_, err := ParseURL(value, "http://10.0.0.11", "")
	return err
}

// ParseURL is CheckURL with a more specific error: example is shown if it is no
// URL, and instead continues "must not hold a login", as in ": use token". It
// returns the URL for checks of its parts.
func ParseURL(value any, example, instead string) (*url.URL, error) {
	text := strings.TrimSpace(fmt.Sprint(value))
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, errors.New("must be a URL such as " + example)
	}
	if err := noLogin(text, instead); err != nil {
		return nil, err
	}
	return parsed, CheckPort(parsed.Port())
}

// CheckNoLogin is a Check for an address in any form: a URL, host:port, a
// reference such as oci://host/name. It refuses a login and a token in the
// query, since addresses are shown and stored.
func CheckNoLogin(value any) error {
	return noLogin(value, "")
}

// CheckNoLoginBut is CheckNoLogin where other options take a login; instead
// names them: "chart_repo_username and chart_repo_password".
func CheckNoLoginBut(instead string) func(any) error {
	return func(value any) error { return noLogin(value, ": use "+instead) }
}

// CheckNoLogins is CheckNoLogin for a map of addresses by name.
func CheckNoLogins(value any) error {
	addresses, _ := value.(map[string]any)
	for _, name := range sortedKeys(addresses) {
		if err := CheckNoLogin(addresses[name]); err != nil {
			return fmt.Errorf("%w under %s", err, name)
		}
	}
	return nil
}

// CheckPort refuses a number that is not a TCP port; "" means the protocol's own.
func CheckPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errPort
	}
	return nil
}

func noLogin(value any, instead string) error {
	text := strings.TrimSpace(fmt.Sprint(value))
	switch {
	case hasLogin(text):
		return errors.New("must not hold a login" + instead)
	case hasToken(text):
		return errors.New("must not hold a token" + instead)
	}
	return nil
}

// hasLogin looks before the path, which begins with a slash. With a scheme, a
// slash may be in the password too, so an at sign after user and colon counts as
// well.
func hasLogin(text string) bool {
	_, rest, scheme := strings.Cut(text, "://")
	if !scheme {
		rest = strings.TrimPrefix(text, "//")
	}
	before, _, _ := strings.Cut(rest, "/")
	if strings.Contains(before, "@") {
		return true
	}
	login, _, at := strings.Cut(rest, "@")
	user, password, colon := strings.Cut(login, ":")
	return scheme && at && colon && !strings.Contains(user, "/") && !isPort(password)
}

// isPort tells the port of a host, and the path after it, from a password.
func isPort(text string) bool {
	rest := strings.TrimLeft(text, "0123456789")
	return rest != text && strings.HasPrefix(rest, "/")
}

// hasToken looks for a parameter in the query or the fragment with a secret's
// name.
func hasToken(text string) bool {
	_, query, found := strings.Cut(text, "?")
	if !found {
		if _, query, found = strings.Cut(text, "#"); !found {
			return false
		}
	}
	for _, setting := range strings.FieldsFunc(query, func(r rune) bool { return strings.ContainsRune("&;?#", r) }) {
		name, value, _ := strings.Cut(setting, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if value != "" && (secret.Sensitive(name) || signs[strings.ToLower(name)]) {
			return true
		}
	}
	return false
}

// signs are the names of tokens in a query of object stores and Git hosts:
// Azure (sig), AWS (X-Amz-Signature), Google, and of gateways.
var signs = map[string]bool{"sig": true, "signature": true, "x-amz-signature": true, "x-amz-credential": true, "x-goog-signature": true, "key": true, "code": true}
