// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
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
