// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"
)

// Version asks Grafana for its version, such as "13.2.0". A Grafana that hides
// it from strangers answers "".
func (c *Client) Version(ctx context.Context) (string, error) {
	var reply struct{ Version string }
	err := c.do(ctx, call{doing: "read Grafana's version", method: http.MethodGet, path: "/api/health"}, &reply)
	return reply.Version, err
}
