// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
)

type org struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// PickOrg finds the organization that Access names by name, so that all later
// calls are for it. Without a name it does nothing.
func (c *Client) PickOrg(ctx context.Context) error {
	name := c.access.OrgName
	if name == "" || c.orgID != 0 {
		return nil
	}
	if !c.access.Token.Empty() {
		return c.ownOrg(ctx, name)
	}
	var found org
	err := c.do(ctx, call{doing: "find organization " + name, method: http.MethodGet, path: "/api/orgs/name/" + escaped(name)}, &found)
	switch status(err) {
	case http.StatusNotFound:
		return fault.Wrap(fault.NotFound, "create the organization first, or check org_name", "find organization "+name, refusalIn(err))
	case http.StatusForbidden:
		return fault.Wrap(fault.Denied, "only a server admin may look organizations up by name: give org_id instead", "find organization "+name, refusalIn(err))
	}
	c.orgID = found.ID
	return err
}

// ownOrg compares the name with that of the token's organization: a token
// works in no other.
func (c *Client) ownOrg(ctx context.Context, name string) error {
	var own org
	if err := c.do(ctx, call{doing: "read the token's organization", method: http.MethodGet, path: "/api/org"}, &own); err != nil {
		return err
	}
	if own.Name != name {
		return fault.New(fault.Denied, "use a token of that organization", "find organization %s: the token belongs to %s", name, own.Name)
	}
	c.orgID = own.ID
	return nil
}
