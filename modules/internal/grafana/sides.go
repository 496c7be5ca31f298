// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"net/url"
)

// Reader is the side of a Client that changes nothing.
type Reader interface {
	Health(ctx context.Context, source *Source) (Health, error)
	PickOrg(ctx context.Context) error
	Proxied(ctx context.Context, uid, path string, query url.Values) (status int, body []byte, err error)
	Source(ctx context.Context, uid string) (*Source, error)
	Sources(ctx context.Context) ([]*Source, error)
	Version(ctx context.Context) (string, error)
}

// Writer is the side that changes data sources.
type Writer interface {
	Create(ctx context.Context, wanted Source) (*Source, error)
	Delete(ctx context.Context, uid string) error
	Update(ctx context.Context, wanted Source) (*Source, error)
}

var (
	_ Reader = (*Client)(nil)
	_ Writer = (*Client)(nil)
)
