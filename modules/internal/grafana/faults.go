// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Refusal is an answer of Grafana with a status that is not 200.
type Refusal struct {
	Status int
	// Message is Grafana's own, and ID its short name where it has one.
	Message, ID string
}

// Error is the status with Grafana's message.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
	if r.Message == "" || strings.EqualFold(r.Message, http.StatusText(r.Status)) {
		return text
	}
	return text + ": " + r.Message
}

// refusalIn returns the Refusal in err, or nil.
func refusalIn(err error) *Refusal {
	var refusal *Refusal
	errors.As(err, &refusal)
	return refusal
}

// status returns the status of the Refusal in err, or 0.
func status(err error) int {
	if refusal := refusalIn(err); refusal != nil {
		return refusal.Status
	}
	return 0
}

// refused turns an answer into an error, or nil for a 200 with JSON.
func (c *Client) refused(request call, reply answer) error {
	switch {
	case reply.status >= 300 && reply.status < 400:
		return c.redirected(request, reply)
	case reply.status == http.StatusOK && (request.plain || json.Valid(reply.body)):
		return nil
	}
	refusal := &Refusal{Status: reply.status}
	var body struct{ Message, MessageID string }
	if json.Unmarshal(reply.body, &body) != nil {
		return c.notGrafana(request, reply)
	}
	refusal.Message, refusal.ID = body.Message, body.MessageID
	kind, hint := c.meaning(refusal)
	return fault.Wrap(kind, hint, request.doing, refusal)
}

// meaning is the kind and the next move for a refusal (grafana/grafana
// pkg/api/datasources.go, pkg/services/authn/clients).
func (c *Client) meaning(r *Refusal) (fault.Kind, string) {
	switch r.Status {
	case http.StatusUnauthorized:
		return fault.Denied, c.loginHint(r)
	case http.StatusForbidden:
		if strings.Contains(r.Message, "read-only") {
			return fault.Conflict, ProvisionedHint
		}
		return fault.Denied, "give this login the role Admin in the organization; a user may also not be a member of it at all"
	case http.StatusNotFound:
		return fault.NotFound, ""
	case http.StatusConflict:
		return fault.Conflict, "something else changed it at the same time, or the name or uid is taken: run again with --diff"
	case http.StatusTooManyRequests:
		return fault.Timeout, "Grafana or the ingress in front of it limits requests: run later, or raise timeout"
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fault.Unreachable, unreadyHint
	}
	return fault.Rejected, ""
}

// ProvisionedHint is the way out for a data source that comes from a file.
const ProvisionedHint = "this data source is provisioned, so Grafana lets nobody change it by the API: change its source, or use via: configmap"

const unreadyHint = "an ingress or proxy answered in place of Grafana: check that Grafana's pod is ready"

func (c *Client) loginHint(r *Refusal) string {
	switch {
	case strings.HasSuffix(r.ID, "organization-mismatch"):
		return "the token belongs to another organization: leave org_id out, or use a token of that organization"
	case !c.access.Token.Empty():
		return "grafana_api_key was refused: make a token of a service account with the role Admin; tokens expire"
	}
	return "check grafana_user and grafana_password; after five wrong tries Grafana refuses a user for five minutes"
}

// redirected explains where the address leads to. Query strings may hold
// tokens, so they are left out.
func (c *Client) redirected(request call, reply answer) error {
	target := reply.header.Get("Location")
	if parsed, err := url.Parse(target); err == nil {
		parsed.RawQuery, parsed.Fragment = "", ""
		target = parsed.String()
	}
	hint := "give the address that answers itself in grafana_url, with https:// or the sub-path"
	if strings.Contains(strings.ToLower(target), "login") || strings.Contains(target, "oauth") || strings.Contains(target, "/authorize") {
		hint = "there is a login page in front of Grafana's API: give an address behind it, such as that of the Service in the cluster"
	}
	return fault.New(fault.Rejected, hint, "%s: %s redirects to %s", request.doing, c.base, target)
}

// notGrafana is for answers that are not JSON.
func (c *Client) notGrafana(request call, reply answer) error {
	what := "something that is not JSON"
	if strings.Contains(reply.header.Get("Content-Type"), "html") {
		what = "an HTML page"
	}
	kind, hint := fault.Rejected, "check grafana_url: is it Grafana's, and does it hold the sub-path, as in https://host/grafana/?"
	switch {
	case reply.status >= 500:
		kind, hint = fault.Unreachable, unreadyHint
	case reply.status == http.StatusTooManyRequests, reply.status == http.StatusUnauthorized, reply.status == http.StatusForbidden:
		kind, hint = c.meaning(&Refusal{Status: reply.status})
	}
	return fault.Wrap(kind, hint, request.doing,
		fmt.Errorf("%s answered %d %s with %s", c.base, reply.status, http.StatusText(reply.status), what))
}

func (c *Client) unreachable(request call, err error) error {
	return fault.During(request.doing, fault.During("connect to "+c.base, cause(err)))
}

// cause drops method and URL, which the text names already.
func cause(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}
