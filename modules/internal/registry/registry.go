// SPDX-License-Identifier: AGPL-3.0-or-later

// Package registry knows every module by its name in Ansible.
package registry

import (
	datasource "github.com/picluster/tracing/modules/grafana_datasource"
	"github.com/picluster/tracing/modules/internal/converge"
	manifest "github.com/picluster/tracing/modules/k8s_apply"
	linkerd "github.com/picluster/tracing/modules/linkerd_tracing"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
	tempo "github.com/picluster/tracing/modules/tempo_helm"
	probe "github.com/picluster/tracing/modules/trace_probe"
	traefik "github.com/picluster/tracing/modules/traefik_tracing"
)

// Modules maps a module's short name to what makes one for a run.
var Modules = map[string]func() converge.Runner{
	"grafana_datasource": func() converge.Runner { return converge.Adapt(datasource.New()) },
	"k8s_apply":          func() converge.Runner { return converge.Adapt(manifest.New()) },
	"linkerd_tracing":    linkerd.New,
	"minio_tempo_bucket": bucket.New,
	"tempo_helm":         func() converge.Runner { return converge.Adapt(tempo.New()) },
	"trace_probe":        func() converge.Runner { return converge.Adapt(probe.New()) },
	"traefik_tracing":    traefik.New,
}
