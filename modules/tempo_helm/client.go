// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/s3secret"
)

// client works on one release for one run.
type client struct {
	reader
	writer plan.Writer[writer]
}

// reader observes it.
type reader struct {
	cluster kube.Reader
	objects inventory.Cluster
	charts  renderer
	// ca is the CA that the options ask for.
	ca s3secret.CA
	// choice is what the first look at the cluster led to: after a first install
	// there is a release, which is no reason for what it became.
	choice *Choice
	// salt goes into the checksum of credentials that have none yet.
	salt string
}

// renderer makes dry runs of releases.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
}
