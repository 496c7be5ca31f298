// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"fmt"
	"net/url"
	"strings"
)

// CheckAddresses is a Check for a Map of addresses, host:port or URLs, such as
// the endpoints of Tempo: none holds a login, and each port has to be one.
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

func checkAddress(text string) error {
	if !strings.Contains(text, "://") {
		text = "//" + text
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(err.Error(), "invalid port"):
		return errPort
	case err != nil:
		return nil // what it is for tells what is wrong with it
	}
	return CheckPort(parsed.Port())
}
