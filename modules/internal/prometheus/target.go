// SPDX-License-Identifier: AGPL-3.0-or-later

package prometheus

import (
	"context"

	"github.com/picluster/tracing/modules/internal/plan"
)

// Target is where metrics are sent. The zero value is that nothing was looked for.
type Target struct {
	// Server is the Service of the Prometheus that was found, WriteURL where it takes
	// metrics.
	Server, WriteURL string
	// Unsure is why it could not be asked whether it does.
	Unsure error
}

// Locate finds the Prometheus of the cluster, or the one that is named as
// NAMESPACE/SERVICE. One that takes no metrics is refused.
func Locate(ctx context.Context, cluster Cluster, named string) (Target, error) {
	server, err := Find(ctx, cluster, named)
	if err != nil {
		return Target{}, err
	}
	unsure, err := Ask(ctx, cluster, server)
	if err != nil {
		return Target{}, err
	}
	return Target{Server: server.String(), WriteURL: server.WriteURL(), Unsure: unsure}, nil
}

// Warn tells that nobody knows whether metrics are taken.
func (t Target) Warn(p *plan.Plan) {
	if t.Unsure != nil {
		p.Warn("it is not known whether Prometheus %s takes metrics by remote write, which the service graph needs: %v", t.Server, t.Unsure)
	}
}
