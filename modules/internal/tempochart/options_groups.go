// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/option"
)

func generatorOptions() []option.Option {
	return []option.Option{
		{Name: "remote_write_url", Type: option.Text, Check: plainURL, Doc: []string{
			"Where Prometheus receives metrics, such as V(http://prometheus.monitoring:9090/api/v1/write), without a login. Only C(local-blocks) sends none; every other processor needs it."}},
		{Name: "processors", Type: option.List, Default: []any{"service-graphs", "span-metrics"}, Choices: compat.Processors(), Doc: []string{
			"What is derived. C(local-blocks) is in Tempo 2.2 to 2.10, C(host-info) from 2.8 on, each single part of C(span-metrics) from 2.2 on; one that the Tempo of the chart does not know is refused.",
			"Charts C(tempo) below 1.19.0 always derive C(service-graphs) and C(span-metrics), and any other choice is refused."}},
	}
}

func kafkaOptions() []option.Option {
	return []option.Option{
		{Name: "address", Type: option.Text, Required: true, Check: hostPort, Doc: []string{"Host and port of the broker."}},
		{Name: "topic", Type: option.Text, Default: "tempo-traces", Check: option.CheckWord, Doc: []string{"The topic."}},
		{Name: "partitions", Type: option.Int, Default: 1, Check: option.Between(1, maxPods), Doc: []string{
			"Partitions of the topic. There is one block builder and one live store for each."}},
		{Name: "auto_create_topic", Type: option.Bool, Default: true, Doc: []string{"Let Tempo create the topic."}},
	}
}

func persistenceOptions() []option.Option {
	return []option.Option{
		{Name: "size", Type: option.Text, Default: "10Gi", Check: Quantity, Doc: []string{"Size of each volume, as a Kubernetes quantity with a unit, such as V(10Gi)."}},
		{Name: "storage_class", Type: option.Text, Check: option.CheckWord, Doc: []string{"Storage class; the cluster's default one without it, which is C(local-path) on k3s."}},
	}
}

// components are the parts whose number can be set, by their keys in the values.
func components() map[string]string {
	return map[string]string{
		"backend_worker": "backendWorker", "compactor": "compactor", "distributor": "distributor", "ingester": "ingester",
		"metrics_generator": "metricsGenerator", "querier": "querier", "query_frontend": "queryFrontend",
	}
}

func replicaOptions() []option.Option {
	var rows []option.Option
	for _, name := range slices.Sorted(maps.Keys(components())) {
		rows = append(rows, option.Option{Name: name, Type: option.Int, Check: option.Between(1, maxPods), Doc: []string{"Number of pods of this component."}})
	}
	return rows
}

// The largest numbers that are accepted: all far above what a cluster of boards
// runs, and far below what a misplaced zero would cost.
const (
	maxPods          = 1000
	maxCopies        = 100
	longestRetention = 100 * 365 * 24 * time.Hour
)

func presetNames() []string {
	return append(slices.Sorted(maps.Keys(presets())), AutoResources, defaultResources)
}

// Duration refuses what Tempo's configuration would not read.
func Duration(value any) error {
	text, _ := value.(string)
	d, err := time.ParseDuration(text)
	switch {
	case err != nil || d <= 0:
		return fmt.Errorf("must be a duration such as 48h; days are not understood")
	case d < time.Minute:
		return fmt.Errorf("must be at least 1m: Tempo would delete traces before anybody could look at them")
	case d > longestRetention:
		return fmt.Errorf("must be at most 876000h, which are a hundred years")
	}
	return nil
}

// plainURL refuses a login in a URL: it would end in a ConfigMap.
func plainURL(value any) error {
	_, err := option.ParseURL(value, "http://prometheus.monitoring:9090/api/v1/write", ", since it ends in a ConfigMap")
	return err
}

// quantity is a number and its unit.
var quantity = lazyregexp.Regexp{Expr: `^\+?([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$`}

// The bounds of a volume. Smaller ones are units that were forgotten or that mean
// thousandths (5m), larger ones are beyond what an API server accepts.
const (
	minVolume = 1 << 20
	maxVolume = 1 << 60
)

// Quantity refuses what Kubernetes would not take, and what it would take for
// a few bytes; it tells the right spelling.
func Quantity(value any) error {
	text, _ := value.(string)
	parts := quantity.Get().FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return fmt.Errorf("must be a quantity of Kubernetes, such as 10Gi")
	}
	count, unit := parts[1], parts[2]
	size, err := resource.ParseQuantity(text)
	switch {
	case unit == "" && size.CmpInt64(minVolume) < 0:
		return fmt.Errorf("has no unit, so that it would mean %s bytes: write %sGi for gibibytes", count, count)
	case err != nil:
		return fmt.Errorf("has a unit that Kubernetes does not know: write %s", count+spelledRight(unit))
	case size.CmpInt64(minVolume) < 0:
		return fmt.Errorf("would be less than 1Mi: write %sGi for gibibytes", count)
	case size.CmpInt64(maxVolume) > 0:
		return fmt.Errorf("must be at most 1Ei")
	}
	return nil
}

// spelledRight is the unit of Kubernetes that another spelling means, such as G
// for GB and Gi for GiB: there they have no B, and are not all in capitals
// (apimachinery, pkg/api/resource/quantity.go).
func spelledRight(unit string) string {
	letters, _, _ := strings.Cut(strings.ToUpper(unit), "B")
	switch letters {
	case "M", "G", "T", "P", "E":
		return letters
	case "MI", "TI", "PI", "EI":
		return letters[:1] + "i"
	}
	return "Gi"
}
