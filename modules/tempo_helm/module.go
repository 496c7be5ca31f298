// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempo converges a Helm release of Grafana Tempo, with the Secret that
// holds its S3 credentials.
package tempo

import (
	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Module converges a release of Tempo.
type Module struct {
	clients kube.Clients
	helm    *helm.Client
	others  *kube.Objects
	// authority is the CA that the options ask for.
	authority Authority
	// salt goes into the checksum of credentials that have none yet.
	salt string
}

var _ converge.Direct[Args, State] = (*Module)(nil)

// New makes the module for one run.
func New() *Module { return &Module{salt: newSalt()} }

// Result is what the task returns. Where the release is not there yet (in check
// mode), endpoints and service_account are those that it would have.
func (*Module) Result(args Args, have State) map[string]any {
	release := have.Release
	return map[string]any{
		"release": map[string]any{
			"name": args.Release, "namespace": args.Namespace, "revision": release.Revision, "status": string(release.Status),
			"chart": release.Chart.ID(), "chart_version": release.Chart.Version, "app_version": release.Chart.AppVersion,
		},
		"endpoints":       have.endpoints(),
		"service_account": have.serviceAccount(),
		"values":          secret.Masked(any(release.Values)),
		"drift":           have.shownDrift(),
	}
}
