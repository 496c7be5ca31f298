// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// CheckAddresses is a Check for a Map of addresses, host:port or URLs, such as
// the endpoints of Tempo: none holds a login, and each port is valid.
func CheckAddresses(value any) error {
	if err := CheckNoLogins(value); err != nil {
		return err
	}
	addresses, _ := value.(map[string]any)
	for _, name := range sortedKeys(addresses) {
		text, _ := addresses[name].(string)
		if err := checkAddress(text); err != nil {
			return fmt.Errorf("%w in %s", err, name)
		}
	}
	return nil
}

// CheckAddress is a Check for one address, host:port or a URL: without a login or
// blanks, and with a valid port.
func CheckAddress(value any) error {
	if err := CheckNoLogin(value); err != nil {
		return err
	}
	text, _ := value.(string)
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("must be an address without blanks and line breaks")
	}
	return checkAddress(text)
}

func checkAddress(text string) error {
	if !strings.Contains(text, "://") {
		text = "//" + text
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(err.Error(), "invalid port"):
		return errPort
	case err != nil:
		return nil // whoever uses it reports the error
	}
	return CheckPort(parsed.Port())
}
