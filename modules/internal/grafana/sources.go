// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/http"
	"strings"
)

// Source reads a data source by its uid; nil when there is none.
func (c *Client) Source(ctx context.Context, uid string) (*Source, error) {
	var found wire
	err := c.do(ctx, call{doing: "read data source " + uid, method: http.MethodGet, path: "/api/datasources/uid/" + escaped(uid)}, &found)
	if c.noSource(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return found.source(), nil
}

// noSource tells Grafana's own "there is none" from a 404 of whatever else
// listens there (pkg/api/datasources.go, GetDataSourceByUID).
func (c *Client) noSource(err error) bool {
	refusal := refusalIn(err)
	return refusal != nil && refusal.Status == http.StatusNotFound && strings.EqualFold(refusal.Message, "Data source not found")
}

// Sources lists the data sources of the organization, without their secrets'
// names, versions and logins, which a list does not hold.
func (c *Client) Sources(ctx context.Context) ([]*Source, error) {
	var found []wire
	if err := c.do(ctx, call{doing: "list data sources", method: http.MethodGet, path: "/api/datasources"}, &found); err != nil {
		return nil, err
	}
	sources := make([]*Source, 0, len(found))
	for _, item := range found {
		sources = append(sources, item.source())
	}
	return sources, nil
}

// Create makes a data source and returns it as Grafana keeps it: the first one
// of an organization becomes its default.
func (c *Client) Create(ctx context.Context, wanted Source) (*Source, error) {
	wanted.Version = 0
	return c.written(ctx, call{doing: "create data source " + wanted.Name, method: http.MethodPost, path: "/api/datasources", body: wanted.body()})
}

// Update replaces the data source with the same uid and returns it as Grafana
// keeps it. Secrets that are not named stay. If somebody else was faster the
// error is Outdated.
func (c *Client) Update(ctx context.Context, wanted Source) (*Source, error) {
	return c.written(ctx, call{doing: "update data source " + wanted.UID, method: http.MethodPut,
		path: "/api/datasources/uid/" + escaped(wanted.UID), body: wanted.body()})
}

func (c *Client) written(ctx context.Context, request call) (*Source, error) {
	var made struct {
		Datasource wire `json:"datasource"`
	}
	if err := c.do(ctx, request, &made); err != nil {
		return nil, err
	}
	return made.Datasource.source(), nil
}

// Outdated reports that the version of an update is no longer the stored one.
func Outdated(err error) bool {
	refusal := refusalIn(err)
	return refusal != nil && refusal.Status == http.StatusConflict && strings.Contains(refusal.Message, "updated by someone else")
}

// Delete removes a data source; it may be absent.
func (c *Client) Delete(ctx context.Context, uid string) error {
	err := c.do(ctx, call{doing: "delete data source " + uid, method: http.MethodDelete, path: "/api/datasources/uid/" + escaped(uid)}, nil)
	if c.noSource(err) {
		return nil
	}
	return err
}
