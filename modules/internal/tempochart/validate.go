// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Validate returns why these versions cannot do what the options ask for. Charts
// have no schema, so what is not refused here would be silently ignored, or
// end in pods that crash. Before the chart is read, only its name and version
// are known, and values are the user's.
func Validate(config Config, chart helm.Chart, values map[string]any) error {
	checks := []func(Config, helm.Chart, map[string]any) error{unknownChart, oneNode, kafka, openCensus, brokenDefaults, noIngesters, imageMajor, replication,
		retention, volumes, processors, generatorTarget, serviceGraph, streaming}
	if chart.Name == compat.TempoMonolithic {
		checks = append(checks, onlyMicroservices)
	} else {
		checks = append(checks, onlyThisVersion, disabledComponents)
	}
	for _, check := range append(checks, s3Keys) {
		if err := check(config, chart, values); err != nil {
			return err
		}
	}
	return nil
}

// unknownChart refuses charts for which there is nothing to compose values by.
func unknownChart(_ Config, chart helm.Chart, _ map[string]any) error {
	switch {
	case chart.Name != compat.TempoDistributed && chart.Name != compat.TempoMonolithic:
		return fault.New(fault.Unsupported, "point chart_ref to a chart called tempo-distributed or tempo",
			"chart %s is neither tempo-distributed nor tempo", chart.Name)
	case compat.Major(chart.Version) >= compat.UnknownMajor:
		return fault.New(fault.Unsupported, "use chart_version "+compat.ProvenChart(chart.Name)+", or a newer release of this collection",
			"chart %s is newer than what this module knows: it writes values for charts below %d.0.0", chart.ID(), compat.UnknownMajor)
	case compat.TempoHas(chart.Name, compat.Known, chart.Version):
		return nil
	case chart.Name == compat.TempoMonolithic:
		return fault.New(fault.Unsupported, "use a newer chart_version, such as 0.16.6, which has Tempo 1.5 too",
			"chart %s is too old: it has no tempo.extraEnvFrom, by which Tempo gets the keys of the object storage; 0.16.5 is the first with it", chart.ID())
	}
	return fault.New(fault.Unsupported, "use a newer chart_version, such as 0.27.9, which has Tempo 1.5 too",
		"chart %s is too old: 0.27.0 is the first that this module knows and is tested with", chart.ID())
}

func kafka(config Config, chart helm.Chart, values map[string]any) error {
	address, _ := helm.Lookup(values, "ingest", "kafka", "address").(string)
	given := config.Kafka != nil || address != ""
	switch {
	case compat.TempoHas(chart.Name, compat.KafkaRequired, chart.Version) && !given:
		return fault.New(fault.Unsupported, "pin chart_version: 2.26.2, the last one without Kafka, or set mode: monolithic, or give the broker in kafka.address",
			"chart %s: Tempo 3 in microservices mode stores nothing without a Kafka broker", chart.ID())
	case config.Kafka != nil && !compat.TempoHas(chart.Name, compat.KafkaRequired, chart.Version) && !compat.TempoHas(chart.Name, compat.KafkaOptional, chart.Version):
		return fault.New(fault.Unsupported, "leave kafka out, or use chart tempo-distributed 2.24.0 or newer", "chart %s cannot write through Kafka", chart.ID())
	}
	return nil
}

// openCensus looks at the list of receivers and at what values switch on.
func openCensus(config Config, chart helm.Chart, values map[string]any) error {
	if !asksOpenCensus(config, chart, values) {
		return nil
	}
	return noOpenCensus(config, chart)
}

// noOpenCensus refuses the receiver where the distributor no longer has it.
func noOpenCensus(config Config, chart helm.Chart) error {
	version := config.runs(chart, distributorKey)
	if version == "" || compat.TempoHas(compat.Tempo, compat.OpenCensus, version) {
		return nil
	}
	return fault.New(fault.Unsupported, "remove opencensus from receivers (and of values) and send spans by OTLP; the last Tempo with the receiver is 2.10.5",
		"chart %s: Tempo %s has no OpenCensus receiver and does not start with one in its configuration", chart.ID(), version)
}

// asksOpenCensus knows the places in values that bring the receiver into the
// configuration: that of the chart, and what tempo-distributed merges over it.
func asksOpenCensus(config Config, chart helm.Chart, values map[string]any) bool {
	if slices.Contains(config.Receivers, tempo.OpenCensus) {
		return true
	}
	if chart.Name == compat.TempoMonolithic {
		return helm.Lookup(values, "tempo", "receivers", "opencensus") != nil
	}
	laidOver, _ := helm.Lookup(values, "tempo", "structuredConfig", "distributor", "receivers").(map[string]any)
	_, asked := laidOver["opencensus"]
	return asked || helm.Lookup(values, "traces", "opencensus", "enabled") == true
}

// brokenDefaults are charts whose own values stop Tempo from starting.
func brokenDefaults(config Config, chart helm.Chart, _ map[string]any) error {
	version := config.tempoVersion(chart)
	broken := compat.TempoHas(chart.Name, compat.BrokenOpenCensus, chart.Version) && version == ""
	stale := version != "" && compat.TempoHas(chart.Name, compat.NullOpenCensus, chart.Version) && !compat.TempoHas(compat.Tempo, compat.OpenCensus, version)
	if !broken && !stale {
		return nil
	}
	return fault.New(fault.Unsupported, "use chart_version 2.2.2 or newer",
		"chart %s does not start: it configures the OpenCensus receiver, which its Tempo does not have, and values cannot remove it", chart.ID())
}

// noIngesters refuses charts that leave out what keeps the spans.
func noIngesters(_ Config, chart helm.Chart, values map[string]any) error {
	zones := helm.Lookup(values, "ingester", "zoneAwareReplication", "enabled") == true
	if zones || !compat.TempoHas(chart.Name, compat.NoIngesters, chart.Version) {
		return nil
	}
	return fault.New(fault.Unsupported, "use chart_version 1.13.2 or newer", "chart %s creates no ingesters, so Tempo would accept no spans", chart.ID())
}

// imageMajor refuses an image of another major version than the chart was
// written for, be it that of one component: Tempo 2 does not start with the
// settings of 1, nor 3 with those of 2 (grafana/tempo, release notes: "field
// compactor not found").
func imageMajor(config Config, chart helm.Chart, _ map[string]any) error {
	own := compat.Major(chart.AppVersion)
	for _, program := range config.programs(chart) {
		image := compat.Major(program.version)
		if image < 0 || own < 0 || image == own {
			continue
		}
		return fault.New(fault.Unsupported, "change chart_version instead, and leave image_tag (and the tag in values) out",
			"chart %s writes the configuration of Tempo %s, with which %s does not start", chart.ID(), chart.AppVersion, program)
	}
	return nil
}

// replication refuses more copies than there are ingesters to keep them: Tempo
// would take no span (grafana/dskit ring: more than half must answer).
func replication(_ Config, chart helm.Chart, values map[string]any) error {
	if !compat.TempoHas(chart.Name, compat.Ingester, chart.Version) || chart.Defaults == nil {
		return nil
	}
	all := helm.Merge(chart.Defaults, values)
	replicas, factor := Number(all, "ingester", "replicas"), Number(all, "ingester", "config", "replication_factor")
	if scaled, _ := helm.Lookup(all, "ingester", "autoscaling", "enabled").(bool); scaled || replicas == 0 || replicas >= factor/2+1 {
		return nil
	}
	return fault.New(fault.Unsupported, "set replication_factor: 1, or more ingesters in replicas.ingester",
		"%d ingesters cannot keep %d copies of a span: Tempo would refuse every span", replicas, factor)
}

// Number is a whole number in values, or 0.
func Number(values map[string]any, path ...string) int64 {
	switch n := helm.Lookup(values, path...).(type) {
	case float64:
		return int64(n)
	case int64:
		return n
	case int:
		return int64(n)
	}
	return 0
}
