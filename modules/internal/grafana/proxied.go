// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Proxied reads a path of a data source's server through Grafana, as the user
// interface does. The status is the server's own or, where Grafana could not
// reach it, 502 or 504; a refusal of Grafana itself, such as a wrong login or a
// uid that no data source has, is an error.
func (c *Client) Proxied(ctx context.Context, uid, path string, query url.Values) (status int, body []byte, err error) {
	request := call{
		doing: "read " + path + " through data source " + uid, method: http.MethodGet, plain: true,
		path: "/api/datasources/proxy/uid/" + escaped(uid) + path,
	}
	if len(query) > 0 {
		request.path += "?" + query.Encode()
	}
	reply, err := c.send(ctx, request)
	if err != nil {
		return 0, nil, c.unreachable(request, err)
	}
	if tenantless(reply) {
		return reply.status, reply.body, nil
	}
	refusal := c.refused(request, reply)
	if reply.status == http.StatusUnauthorized || reply.status == http.StatusForbidden || c.noSource(refusal) || noProxy(refusal) {
		return 0, nil, refusal
	}
	return reply.status, reply.body, nil
}

// tenantless distinguishes a Loki or Tempo with tenants, which wants a header of the data
// source, from a Grafana that wants a login (grafana/dskit user/http.go).
func tenantless(reply answer) bool {
	return reply.status == http.StatusUnauthorized && strings.TrimSpace(string(reply.body)) == "no org id"
}

// noProxy recognises the refusals of Grafana's own data source proxy
// (grafana/grafana pkg/api/datasource/proxy.go, pkg/services/datasourceproxy).
func noProxy(err error) bool {
	refusal := refusalIn(err)
	return refusal != nil && (refusal.Message == "Unable to find datasource" || refusal.Message == "Unable to load datasource meta data")
}
