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
		helm.Set(values, count, components[name], "replicas")
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
	if given == 0 && presets[c.Config.Resources].alone {
		return 1
	}
	return given
}

// place gives a component its size and its nodes.
func (c Composer) place(values map[string]any, component string) {
	if size, is := presets[c.Config.Resources].components[component]; is {
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
	wanted := c.Config.MetricsGenerator
	if wanted == nil {
		return
	}
	helm.Set(values, true, generatorKey, "enabled")
	helm.Set(values, []any{map[string]any{"url": wanted.RemoteWriteURL}}, generatorKey, "config", "storage", "remote_write")
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
