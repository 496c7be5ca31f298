// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/option"
)

// graphProcessors derive what a service graph is drawn from, and the metrics to
// which a span leads.
var graphProcessors = []string{"service-graphs", "span-metrics"}

// NeedsPrometheus reports whether the options leave it open where the metrics of
// the service graph go.
func (c Config) NeedsPrometheus() bool {
	return c.ServiceGraph && (c.MetricsGenerator == nil || c.MetricsGenerator.RemoteWriteURL == "")
}

// WithServiceGraph are the options with a metrics generator that derives the
// service graph and sends it to a Prometheus that takes it there.
func (c Config) WithServiceGraph(writeURL string) Config {
	if !c.ServiceGraph {
		return c
	}
	if c.NeedsPrometheus() {
		c.Prometheus = "" // what was found is the address now
	}
	wanted := MetricsGenerator{RemoteWriteURL: writeURL}
	if c.MetricsGenerator != nil {
		wanted.Processors = slices.Clone(c.MetricsGenerator.Processors)
		if c.MetricsGenerator.RemoteWriteURL != "" {
			wanted.RemoteWriteURL = c.MetricsGenerator.RemoteWriteURL
		}
	}
	for _, name := range graphProcessors {
		if !slices.Contains(wanted.Processors, name) {
			wanted.Processors = append(wanted.Processors, name)
		}
	}
	c.MetricsGenerator = &wanted
	return c
}

// remoteWrite is where the metrics go. Those of the service graph go with exemplars, by
// which Grafana leads from them to a trace.
func (c Composer) remoteWrite(wanted *MetricsGenerator) []any {
	target := map[string]any{"url": wanted.RemoteWriteURL}
	if c.Config.ServiceGraph {
		target["send_exemplars"] = true
	}
	return []any{target}
}

// serviceGraph refuses a Prometheus that is named for nothing.
func serviceGraph(config Config, _ helm.Chart, _ map[string]any) error {
	if config.Prometheus != "" && !config.NeedsPrometheus() {
		return fault.New(fault.Usage, "leave it out, or set service_graph: true without metrics_generator.remote_write_url", "prometheus has no effect: nothing is sent to it")
	}
	return nil
}

// checkService wants the name of a Service with its namespace.
func checkService(value any) error {
	text, _ := value.(string)
	namespace, name, both := strings.Cut(text, "/")
	if !both || namespace == "" || name == "" || option.CheckNamespace(namespace) != nil || option.CheckName(name) != nil {
		return fmt.Errorf("must be NAMESPACE/NAME of a Service, such as monitoring/prometheus-server")
	}
	return nil
}
