// SPDX-License-Identifier: AGPL-3.0-or-later

package prometheus

import (
	"context"

	"github.com/picluster/tracing/modules/internal/plan"
)

// Target is where metrics are sent. Its zero value: nothing was looked for.
type Target struct {
	// Server is the Service of the Prometheus that was found, WriteURL where it
	// accepts metrics.
	Server, WriteURL string
	// Unsure is why it could not be asked whether it does.
	Unsure error
}

// Locate finds the Prometheus in the cluster, or the one named as
// NAMESPACE/SERVICE. One that accepts no metrics is refused.
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

// Warn warns if it is not known whether metrics are accepted.
func (t Target) Warn(p *plan.Plan) {
	if t.Unsure != nil {
		p.Warn("it is not known whether Prometheus %s takes metrics by remote write, which the service graph needs: %v", t.Server, t.Unsure)
	}
}
