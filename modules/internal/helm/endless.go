// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

const (
	// mostRedirects is what Go's own client allows. Helm's client for registries
	// lifts that limit (oras-go v2.6.2, registry/remote/auth/client.go).
	mostRedirects = 10
	// mostRequests is far above what one chart takes: a registry lists its
	// versions in pages, by a hundred as a rule.
	mostRequests = 500
)

// limitRedirects stops a chain of redirects that is too long.
func limitRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) >= mostRedirects {
		return errors.New("the server redirects without end: give the final address")
	}
	return nil
}

// counted stops requests to a server that always names a next page.
type counted struct {
	next  http.RoundTripper
	asked atomic.Int64
}

func (c *counted) RoundTrip(request *http.Request) (*http.Response, error) {
	if c.asked.Add(1) > mostRequests {
		return nil, fmt.Errorf("the registry was asked %d times, and its answers do not end", mostRequests)
	}
	return c.next.RoundTrip(request)
}
