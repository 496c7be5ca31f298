// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// refuse returns why these versions cannot do what the options ask for. Charts
// have no schema, so what is not refused here would be ignored in silence, or
// end in pods that crash.
func refuse(args Args, chart helm.Chart, values map[string]any) error {
	for _, truth := range []func(Args, helm.Chart, map[string]any) error{kafka, openCensus, brokenChart} {
		if err := truth(args, chart, values); err != nil {
			return err
		}
	}
	return nil
}

func kafka(_ Args, chart helm.Chart, values map[string]any) error {
	if !compat.TempoHas(chart.Name, compat.KafkaRequired, chart.Version) {
		return nil
	}
	if address, _ := helm.Lookup(values, "ingest", "kafka", "address").(string); address != "" {
		return nil
	}
	return fault.New(fault.Unsupported, "pin chart_version: 2.26.2, the last one without Kafka, or set mode: monolithic, or give the broker in values: ingest.kafka.address",
		"chart %s: Tempo 3 in microservices mode stores nothing without a Kafka broker", chart.ID())
}

func openCensus(args Args, chart helm.Chart, values map[string]any) error {
	version := tempoVersion(chart, values)
	if version == "" || !slices.Contains(args.Receivers, tempo.OpenCensus) || compat.TempoHas(compat.Tempo, compat.OpenCensus, version) {
		return nil
	}
	return fault.New(fault.Unsupported, "take opencensus out of receivers and send spans by OTLP; a Tempo with the receiver would be 2.9.2 or 2.10.5",
		"chart %s: Tempo %s has no OpenCensus receiver and does not start with one in its configuration", chart.ID(), version)
}

func brokenChart(_ Args, chart helm.Chart, _ map[string]any) error {
	if !compat.TempoHas(chart.Name, compat.BrokenOpenCensus, chart.Version) {
		return nil
	}
	return fault.New(fault.Unsupported, "take chart_version 2.2.2 or newer",
		"chart %s does not start: it configures a receiver that its own Tempo does not have, and values cannot remove it", chart.ID())
}

// warn says what the user should know whether or not anything changes.
func warn(p *plan.Plan, args Args, have State) {
	if args.ChartVersion == "" {
		p.Warn("chart_version is not set, so each run takes the newest chart: this one is %s. Pin it, for example chart_version: %s", have.Target.Chart.ID(), have.Target.Chart.Version)
	}
	if args.ChartRepoURL == frozenRepository && !args.source().Local() {
		p.Warn("chart_repo_url %s has been frozen since the end of January 2026 and gets no security fixes; the charts live on in %s", frozenRepository, livingRepository)
	}
}
