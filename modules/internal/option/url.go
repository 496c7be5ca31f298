// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

var errPort = errors.New("must have a port between 1 and 65535")

// CheckURL is a Check for the address of a web server: http or https with a host.
// A login does not belong there, since addresses are shown.
func CheckURL(value any) error {
	parsed, err := url.Parse(fmt.Sprint(value))
	switch {
	case err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https"):
		return errors.New("must be a URL such as http://10.0.0.11")
	case parsed.User != nil:
		return errors.New("must not hold a login")
	}
	return CheckPort(parsed.Port())
}

// CheckPort refuses a number that is no TCP port; "" is the protocol's own.
func CheckPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errPort
	}
	return nil
}

// CheckAddresses is a Check for a Map of addresses, host:port or URLs, such as
// the endpoints of Tempo: each port has to be one.
func CheckAddresses(value any) error {
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
