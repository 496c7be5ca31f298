// SPDX-License-Identifier: AGPL-3.0-or-later

// Package registry lists every module by its Ansible name.
package registry

import (
	datasource "github.com/picluster/tracing/modules/grafana_datasource"
	"github.com/picluster/tracing/modules/internal/converge"
	manifest "github.com/picluster/tracing/modules/k8s_apply"
	linkerd "github.com/picluster/tracing/modules/linkerd_tracing"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
	tempohelm "github.com/picluster/tracing/modules/tempo_helm"
	probe "github.com/picluster/tracing/modules/trace_probe"
	traefik "github.com/picluster/tracing/modules/traefik_tracing"
)

// Modules maps a module's short name to its constructor.
var Modules = map[string]func() converge.Runner{
	"grafana_datasource": datasource.New,
	"k8s_apply":          manifest.New,
	"linkerd_tracing":    linkerd.New,
	"minio_tempo_bucket": bucket.New,
	"tempo_helm":         tempohelm.New,
	"trace_probe":        probe.New,
	"traefik_tracing":    traefik.New,
}
