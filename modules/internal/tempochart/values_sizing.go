// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
)

// Memcached is the key of the cache, which needs no credentials.
const Memcached = "memcached"

// sizing gives each component the credentials, its size and its place.
func (c Composer) sizing(values map[string]any) {
	for _, component := range compat.TempoComponents(c.Chart.Version) {
		helm.Set(values, c.envFrom(), component, "extraEnvFrom")
		c.mountCA(values, []string{component}, []string{component})
		c.place(values, component)
	}
	c.place(values, Memcached)
	for name, count := range c.Config.Replicas {
		helm.Set(values, count, components()[name], "replicas")
	}
	if c.Config.Replicas["backend_worker"] > 1 && c.has(compat.WorkerBudget) {
		helm.Set(values, false, "backendWorker", "podDisruptionBudget", "enabled")
	}
	if !c.has(compat.Ingester) {
		return
	}
	if count := c.alone(c.Config.Replicas["ingester"]); count != 0 {
		helm.Set(values, count, "ingester", "replicas")
	}
	if factor := c.alone(c.Config.ReplicationFactor); factor != 0 {
		helm.Set(values, factor, "ingester", "config", "replication_factor")
	}
}

// alone is a number of the options, or 1 where the preset says so, or 0 where
// the chart decides.
func (c Composer) alone(given int64) int64 {
	if given == 0 && presets()[c.Config.Resources].alone {
		return 1
	}
	return given
}

// place gives a component its size and its nodes.
func (c Composer) place(values map[string]any, component string) {
	if size, ok := presets()[c.Config.Resources].components[component]; ok {
		helm.Set(values, size.values(), component, "resources")
	}
	if len(c.Config.NodeSelector) > 0 {
		helm.Set(values, toAny(c.Config.NodeSelector), component, "nodeSelector")
	}
	if len(c.Config.Tolerations) > 0 {
		helm.Set(values, c.Config.Tolerations, component, "tolerations")
	}
}

// generator switches the metrics generator on. Which processors run is a limit
// of the tenant, whose keys changed (see compat).
func (c Composer) generator(values map[string]any) {
	wanted := c.wantedGenerator()
	if wanted == nil {
		return
	}
	helm.Set(values, true, generatorKey, "enabled")
	if wanted.RemoteWriteURL != "" {
		helm.Set(values, c.remoteWrite(wanted), generatorKey, "config", "storage", "remote_write")
	}
	c.localBlocks(values, wanted, generatorKey, "config", "processor")
	helm.Set(values, texts(wanted.Processors), c.processorsPath()...)
}

// processorsPath is where the limits of all tenants name the processors.
func (c Composer) processorsPath() []string {
	switch {
	case c.has(compat.FixedProcessors):
		return []string{"tempo", "structuredConfig", "overrides", "metrics_generator_processors"}
	case c.has(compat.GlobalOverrides):
		return []string{"global_overrides", "metrics_generator_processors"}
	}
	return []string{"overrides", "defaults", "metrics_generator", "processors"}
}

func texts(list []string) []any {
	values := []any{}
	for _, text := range list {
		values = append(values, text)
	}
	return values
}

func toAny(texts map[string]string) map[string]any {
	values := map[string]any{}
	for key, text := range texts {
		values[key] = text
	}
	return values
}

// size is what the pods of a component ask for and may take.
type size struct{ cpu, memory, limit string }

// preset sizes all components for a kind of node. The sizes are for the load of a
// home cluster, a few hundred spans a second; memory limits leave room for the
// flush of a block. Compactor and metrics generator were killed at 256Mi and hold
// at 512Mi, an ingester took 631Mi (pi-cluster c8a28d49, f906959e); all of Tempo
// in one pod was killed at 768Mi, and Tempo 3.0.3 takes 324 MB without a load. No
// limit of the CPU is set, since it would slow down the start.
type preset struct {
	// components by their keys in the values of tempo-distributed.
	components map[string]size
	// single is the size of the one pod of the monolithic chart.
	single size
	// alone keeps each span on one ingester.
	alone bool
}

func presets() map[string]preset {
	return map[string]preset{
		"raspberrypi": {
			components: map[string]size{
				"backendScheduler": {"10m", "64Mi", "256Mi"},
				"backendWorker":    {"20m", "96Mi", "512Mi"},
				"blockBuilder":     {"50m", "128Mi", "768Mi"},
				"compactor":        {"20m", "96Mi", "512Mi"},
				"distributor":      {"50m", "96Mi", "384Mi"},
				"ingester":         {"50m", "192Mi", "1Gi"},
				"liveStore":        {"50m", "192Mi", "1Gi"},
				"memcached":        {"10m", "64Mi", "128Mi"},
				"metricsGenerator": {"20m", "128Mi", "512Mi"},
				"querier":          {"20m", "96Mi", "512Mi"},
				"queryFrontend":    {"20m", "64Mi", "256Mi"},
			},
			single: size{"100m", "384Mi", "1Gi"},
			alone:  true,
		},
		"small": {
			components: map[string]size{
				"backendScheduler": {"20m", "128Mi", "512Mi"},
				"backendWorker":    {"50m", "192Mi", "1Gi"},
				"blockBuilder":     {"100m", "256Mi", "1536Mi"},
				"compactor":        {"50m", "192Mi", "1Gi"},
				"distributor":      {"100m", "192Mi", "768Mi"},
				"ingester":         {"100m", "384Mi", "2Gi"},
				"liveStore":        {"100m", "384Mi", "2Gi"},
				"memcached":        {"20m", "128Mi", "256Mi"},
				"metricsGenerator": {"50m", "192Mi", "1Gi"},
				"querier":          {"50m", "192Mi", "1Gi"},
				"queryFrontend":    {"50m", "128Mi", "512Mi"},
			},
			single: size{"200m", "512Mi", "2Gi"},
		},
	}
}

// values is the size in the form of Kubernetes.
func (s size) values() map[string]any {
	return map[string]any{
		"requests": map[string]any{"cpu": s.cpu, "memory": s.memory},
		"limits":   map[string]any{"memory": s.limit},
	}
}
