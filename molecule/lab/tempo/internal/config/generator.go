// SPDX-License-Identifier: AGPL-3.0-or-later

package config

import (
	"fmt"
	"slices"
	"time"
)

// Generator says how metrics are made of spans, and where they are sent.
type Generator struct {
	// Slack is how long ago a span may have ended, and by how much a clock may be ahead.
	Slack     time.Duration `yaml:"metrics_ingestion_time_range_slack"`
	Processor struct {
		Graphs struct {
			// Wait is how long one end of an edge waits for the other.
			Wait time.Duration `yaml:"wait"`
		} `yaml:"service_graphs"`
	} `yaml:"processor"`
	Registry struct {
		Every    time.Duration     `yaml:"collection_interval"`
		External map[string]string `yaml:"external_labels"`
	} `yaml:"registry"`
	Storage struct {
		// Path is needed for anything to be generated.
		Path        string        `yaml:"path"`
		RemoteWrite []RemoteWrite `yaml:"remote_write"`
	} `yaml:"storage"`
}

// RemoteWrite is a Prometheus that metrics are sent to.
type RemoteWrite struct {
	URL       string            `yaml:"url"`
	Headers   map[string]string `yaml:"headers"`
	Exemplars bool              `yaml:"send_exemplars"`
}

// Overrides are read for the processors that they enable.
type Overrides struct {
	Legacy     bool `yaml:"enable_legacy_overrides"`
	Processors any  `yaml:"metrics_generator_processors"`
	// IDLabel is the label of exemplars that has the trace ID, "" for the usual one.
	IDLabel  string `yaml:"metrics_generator_trace_id_label_name"`
	Defaults struct {
		Generator struct {
			Processors any    `yaml:"processors"`
			IDLabel    string `yaml:"trace_id_label_name"`
		} `yaml:"metrics_generator"`
	} `yaml:"defaults"`
}

// Wanted are the names of the processors.
func (o Overrides) Wanted() (names []string) {
	for _, given := range []any{o.Processors, o.Defaults.Generator.Processors} {
		list, _ := given.([]any)
		for _, name := range list {
			names = append(names, fmt.Sprint(name))
		}
	}
	return names
}

// Measures says whether a processor makes metrics of spans for Prometheus; the other one only keeps them.
func (o Overrides) Measures() bool {
	return slices.ContainsFunc(o.Wanted(), func(name string) bool { return name != "local-blocks" })
}
