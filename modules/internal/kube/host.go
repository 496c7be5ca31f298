// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"net/url"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
)

// checkHost is the Check of an API server's address: a URL, or host and port, to
// which client-go adds https.
func checkHost(value any) error {
	if err := option.CheckNoLogin(value); err != nil {
		return err
	}
	text, _ := value.(string)
	if text == "" {
		return nil
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || strings.Contains(parsed.Host, " ") || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return errors.New("must be the URL of the API server, such as https://raspberrypi:6443")
	}
	return option.CheckPort(parsed.Port())
}
