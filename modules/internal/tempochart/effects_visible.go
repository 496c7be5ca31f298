// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

func received(r Rendered, c Config) bool {
	for _, receiver := range c.Receivers {
		if !r.defines(append([]string{"distributor", "receivers"}, listeners()[receiver].path...)...) {
			return false
		}
	}
	return true
}

// retentionSettings are where Tempo is told how long blocks are kept. The last is
// the one that deletes them, where there is one: without it the worker keeps them
// for 336h, whatever the scheduler was told (charts/tempo/README.md of
// grafana-community/helm-charts, upgrading from 3.0.0 through 3.1.0).
var retentionSettings = []string{"compactor.compaction.block_retention", "backend_scheduler.provider.compaction.compaction.block_retention", "backend_worker.compaction.block_retention"}

func retained(r Rendered, c Config) bool {
	configured := slices.DeleteFunc(slices.Clone(retentionSettings), func(path string) bool { return r.at(path) == nil })
	if compat.TempoHas(r.chart.Name, compat.LiveStore, r.chart.Version) && !slices.Contains(configured, "backend_worker.compaction.block_retention") {
		return false
	}
	return len(configured) > 0 && r.hasValue(c.Retention, configured[len(configured)-1])
}

func logged(r Rendered, _ Config) bool {
	return r.hasValue(true, "distributor.log_received_spans.enabled")
}

func streamed(r Rendered, _ Config) bool { return r.hasValue(true, "stream_over_http_enabled") }

// reporting: Tempo has it on where it is not told otherwise.
func reporting(r Rendered, c Config) bool {
	return r.hasValue(*c.UsageReport, "usage_report.reporting_enabled") || *c.UsageReport && r.at("usage_report.reporting_enabled") == nil
}

func switchedOff(r Rendered, _ Config) bool { return r.hasValue(false, "search_enabled") }

// generated: the metrics go where they should, and are the right ones.
func generated(r Rendered, c Config) bool {
	targets, _ := r.at("metrics_generator.storage.remote_write").([]any)
	written := c.MetricsGenerator.RemoteWriteURL == "" || slices.ContainsFunc(targets, func(target any) bool {
		fields, _ := target.(map[string]any)
		return fields["url"] == c.MetricsGenerator.RemoteWriteURL
	})
	listed := r.processors()
	return written && !slices.ContainsFunc(c.MetricsGenerator.Processors, func(name string) bool { return !slices.Contains(listed, any(name)) })
}

// processors are those of all tenants.
func (r Rendered) processors() []any {
	if nested, ok := r.at("overrides.defaults.metrics_generator.processors").([]any); ok {
		return nested
	}
	flat, _ := r.at("overrides.metrics_generator_processors").([]any)
	return flat
}

// validateReceivers refuses a configuration with a receiver that the distributor
// does not know, whichever part of the values brought it there.
func (r Rendered) validateReceivers() error {
	if !r.defines("distributor", "receivers", "opencensus") {
		return nil
	}
	return noOpenCensus(r.options, r.chart)
}

func brokered(r Rendered, c Config) bool {
	return r.hasValue(c.Kafka.Address, "ingest.kafka.address") && r.hasValue(c.Kafka.Topic, "ingest.kafka.topic")
}

func replicated(r Rendered, c Config) bool {
	return r.hasValue(c.ReplicationFactor, "ingester.lifecycler.ring.replication_factor")
}

// persisted: some StatefulSet asks for volumes of that size.
func persisted(r Rendered, c Config) bool {
	return slices.ContainsFunc(r.podSets, func(p scheduling.PodSet) bool {
		templates, _ := helm.Lookup(p.Content, "spec", "volumeClaimTemplates").([]any)
		return slices.ContainsFunc(templates, func(template any) bool {
			claim, _ := template.(map[string]any)
			return same(helm.Lookup(claim, "spec", "resources", "requests", "storage"), c.Persistence.Size)
		})
	})
}

// tagged: all of Tempo runs that image.
func tagged(r Rendered, c Config) bool {
	return r.everyPod(func(pod core.PodSpec, _ string) bool {
		return slices.ContainsFunc(pod.Containers, func(container core.Container) bool { return strings.HasSuffix(container.Image, ":"+c.ImageTag) })
	})
}

func counted(r Rendered, c Config) bool {
	for name, count := range c.Replicas {
		if r.pods(components()[name]) != count {
			return false
		}
	}
	return true
}

func selected(r Rendered, c Config) bool {
	return r.everyPod(func(pod core.PodSpec, _ string) bool {
		for key, value := range c.NodeSelector {
			if pod.NodeSelector[key] != value {
				return false
			}
		}
		return true
	})
}

func tolerated(r Rendered, c Config) bool {
	return r.everyPod(func(pod core.PodSpec, _ string) bool {
		for _, wanted := range c.Tolerations {
			var toleration core.Toleration
			text, err := json.Marshal(wanted)
			if err != nil || json.Unmarshal(text, &toleration) != nil {
				return true // the API server says what is wrong with it
			}
			if !slices.ContainsFunc(pod.Tolerations, func(t core.Toleration) bool { return reflect.DeepEqual(t, toleration) }) {
				return false
			}
		}
		return true
	})
}

// sized: each component has the limit of the preset in one of its containers.
func sized(r Rendered, c Config) bool {
	preset := presets()[c.Resources]
	return r.everyPod(func(pod core.PodSpec, component string) bool {
		size, ok := preset.components[component]
		if !ok {
			size = preset.single
		}
		limit := resource.MustParse(size.limit)
		return slices.ContainsFunc(pod.Containers, func(container core.Container) bool {
			return container.Resources.Limits.Memory().Equal(limit)
		})
	})
}
