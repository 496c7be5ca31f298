// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempomode"
	"github.com/picluster/tracing/modules/internal/tempomove"
)

// client works on one release for one run.
type client struct {
	reader
	writer plan.Writer[writer]
	// undecided is a warning that a step leaves for the result.
	undecided *string
}

// reader observes it.
type reader struct {
	cluster kube.Reader
	objects inventory.Cluster
	charts  renderer
	// store opens the object storage, into which only a move to another major version
	// and a budget look.
	store func(Spec, s3secret.Credentials) (store, error)
	// ca is the CA that the options ask for.
	ca s3secret.CA
	// choice is what the first look at the cluster led to: the release that a first
	// install leaves is no reason for its own mode.
	choice *tempomode.Choice
	// room is what the first look at the size of the blocks led to.
	room *tempobudget.Decision
	// graph is where the first look found Prometheus.
	graph *prometheus.Target
	// salt goes into the checksum of credentials that have none yet.
	salt string
}

// renderer makes dry runs of releases.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
}

// store is the object storage.
type store interface {
	tempomove.Store
	tempobudget.Store
}

// openStore opens the object storage with Tempo's own login.
func openStore(spec Spec, keys s3secret.Credentials) (store, error) {
	secure := !spec.S3.Insecure
	return minio.Open(minio.Access{
		Endpoint: spec.S3.Endpoint, Secure: &secure, Region: spec.S3.Region, ValidateCerts: spec.S3.ValidateCerts, CACert: spec.S3.CACert,
		AccessKey: keys.Data[s3secret.AccessKeyEntry].Reveal(), SecretKey: keys.Data[s3secret.SecretKeyEntry],
	})
}

// opener is openStore with the CA that was read before: its file is read once.
func opener(ca s3secret.CA) func(Spec, s3secret.Credentials) (store, error) {
	return func(spec Spec, keys s3secret.Credentials) (store, error) {
		spec.S3.CACert = ca.PEM
		return openStore(spec, keys)
	}
}
