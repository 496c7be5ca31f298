// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// stored: the bucket is that of the options.
func stored(r rendered, a Args) bool {
	return r.says("s3", "storage.trace.backend") && r.says(a.S3.Bucket, "storage.trace.s3.bucket") && r.says(a.S3.Endpoint, "storage.trace.s3.endpoint") &&
		(a.S3.Region == "" || r.says(a.S3.Region, "storage.trace.s3.region")) && (a.S3.Prefix == "" || r.says(a.S3.Prefix, "storage.trace.s3.prefix"))
}

func received(r rendered, a Args) bool {
	for _, receiver := range a.Receivers {
		if !r.names(append([]string{"distributor", "receivers"}, listeners[receiver].path...)...) {
			return false
		}
	}
	return true
}

func retained(r rendered, a Args) bool {
	return r.says(a.Retention, "compactor.compaction.block_retention", "backend_scheduler.provider.compaction.compaction.block_retention")
}

func logged(r rendered, _ Args) bool {
	return r.says(true, "distributor.log_received_spans.enabled")
}

func switchedOff(r rendered, _ Args) bool { return r.says(false, "search_enabled") }

// generated: the metrics go where they should, and are the right ones.
func generated(r rendered, a Args) bool {
	targets, _ := r.at("metrics_generator.storage.remote_write").([]any)
	there := slices.ContainsFunc(targets, func(target any) bool {
		fields, _ := target.(map[string]any)
		return fields["url"] == a.MetricsGenerator.RemoteWriteURL
	})
	listed := r.processors()
	return there && !slices.ContainsFunc(a.MetricsGenerator.Processors, func(name string) bool { return !slices.Contains(listed, any(name)) })
}

// processors are those of all tenants.
func (r rendered) processors() []any {
	if nested, is := r.at("overrides.defaults.metrics_generator.processors").([]any); is {
		return nested
	}
	flat, _ := r.at("overrides.metrics_generator_processors").([]any)
	return flat
}

// validateReceivers refuses a configuration with a receiver that the distributor
// does not know, whichever part of the values brought it there.
func (r rendered) validateReceivers() error {
	if !r.names("distributor", "receivers", "opencensus") {
		return nil
	}
	return noOpenCensus(r.args, r.chart)
}

func brokered(r rendered, a Args) bool {
	return r.says(a.Kafka.Address, "ingest.kafka.address") && r.says(a.Kafka.Topic, "ingest.kafka.topic")
}

func replicated(r rendered, a Args) bool {
	return r.says(a.ReplicationFactor, "ingester.lifecycler.ring.replication_factor")
}

// persisted: some StatefulSet asks for volumes of that size.
func persisted(r rendered, a Args) bool {
	return slices.ContainsFunc(r.podSets, func(p scheduling.PodSet) bool {
		templates, _ := helm.Lookup(p.Content, "spec", "volumeClaimTemplates").([]any)
		return slices.ContainsFunc(templates, func(template any) bool {
			claim, _ := template.(map[string]any)
			return same(helm.Lookup(claim, "spec", "resources", "requests", "storage"), a.Persistence.Size)
		})
	})
}

// tagged: all of Tempo runs that image.
func tagged(r rendered, a Args) bool {
	return r.every(func(pod core.PodSpec, _ string) bool {
		return slices.ContainsFunc(pod.Containers, func(container core.Container) bool { return strings.HasSuffix(container.Image, ":"+a.ImageTag) })
	})
}

func counted(r rendered, a Args) bool {
	for name, count := range a.Replicas {
		if r.pods(components[name]) != count {
			return false
		}
	}
	return true
}

func selected(r rendered, a Args) bool {
	return r.every(func(pod core.PodSpec, _ string) bool {
		for key, value := range a.NodeSelector {
			if pod.NodeSelector[key] != value {
				return false
			}
		}
		return true
	})
}

func tolerated(r rendered, a Args) bool {
	return r.every(func(pod core.PodSpec, _ string) bool {
		for _, wanted := range a.Tolerations {
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
func sized(r rendered, a Args) bool {
	preset := presets[a.Resources]
	return r.every(func(pod core.PodSpec, component string) bool {
		size, is := preset.components[component]
		if !is {
			size = preset.single
		}
		limit := resource.MustParse(size.limit)
		return slices.ContainsFunc(pod.Containers, func(container core.Container) bool {
			return container.Resources.Limits.Memory().Equal(limit)
		})
	})
}
