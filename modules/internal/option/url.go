// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"fmt"
	"net/url"
)

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
	return nil
}
