// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
)

// address returns host:port and whether TLS is used there.
func (a Access) address() (host string, secure bool, err error) {
	host, scheme, err := splitEndpoint(a.Endpoint)
	if err != nil {
		return "", false, fault.New(fault.Usage, "", "endpoint %v", err)
	}
	if a.Secure == nil {
		return host, scheme != "http", nil
	}
	if scheme != "" && *a.Secure != (scheme == "https") {
		return "", false, fault.New(fault.Usage, "leave secure out and let the URL decide, or change the URL's scheme",
			"endpoint says %s:// and secure says %v", scheme, *a.Secure)
	}
	return host, *a.Secure, nil
}

// URL is the endpoint as a URL, or "" when it is not valid.
func (a Access) URL() string {
	host, secure, err := a.address()
	switch {
	case err != nil:
		return ""
	case secure:
		return "https://" + host
	}
	return "http://" + host
}

// splitEndpoint takes host, host:port or a URL apart; scheme is "" without one.
// Its error completes the sentence "endpoint ...".
func splitEndpoint(endpoint string) (host, scheme string, err error) {
	text := strings.TrimSpace(endpoint)
	if !strings.Contains(text, "://") {
		text = "//" + text
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" {
		return "", "", fmt.Errorf("must be host:port or a URL")
	}
	scheme = strings.ToLower(parsed.Scheme)
	switch {
	case scheme != "" && scheme != "http" && scheme != "https":
		return "", "", fmt.Errorf("must begin with http:// or https://, or have no scheme")
	case parsed.User != nil:
		return "", "", fmt.Errorf("must not hold a login: use access_key and secret_key")
	case strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.Fragment != "":
		return "", "", fmt.Errorf("must end after host and port: S3 clients take no path")
	}
	return parsed.Host, scheme, checkPort(parsed)
}

func checkPort(parsed *url.URL) error {
	if parsed.Port() == "" {
		return nil
	}
	if err := option.CheckPort(parsed.Port()); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(parsed.Host); err != nil {
		return fmt.Errorf("must be host:port or a URL")
	}
	return nil
}

func checkEndpoint(value any) error {
	text, _ := value.(string)
	_, _, err := splitEndpoint(text)
	return err
}
