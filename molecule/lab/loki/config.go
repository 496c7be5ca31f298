// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// config is the part of Loki's configuration file that the stand-in uses.
type config struct {
	// AuthEnabled is whether each request must name a tenant.
	AuthEnabled bool `yaml:"auth_enabled"`
	Server      struct {
		Address string `yaml:"http_listen_address"`
		Port    int    `yaml:"http_listen_port"`
	} `yaml:"server"`
	Ingester struct {
		Lifecycler struct {
			MinReady time.Duration `yaml:"min_ready_duration"`
		} `yaml:"lifecycler"`
	} `yaml:"ingester"`
	Limits limits `yaml:"limits_config"`
}

// limits are those of each tenant, with Loki's defaults.
type limits struct {
	OldestAge   time.Duration `yaml:"reject_old_samples_max_age"`
	NewestAhead time.Duration `yaml:"creation_grace_period"`
	LineSize    int           `yaml:"max_line_size"`
	LabelNames  int           `yaml:"max_label_names_per_series"`
	LabelName   int           `yaml:"max_label_name_length"`
	LabelValue  int           `yaml:"max_label_value_length"`
	Metadata    int           `yaml:"max_structured_metadata_entries_count"`
	Entries     int           `yaml:"max_entries_limit_per_query"`
	QueryLength time.Duration `yaml:"max_query_length"`
}

func defaults() config {
	c := config{AuthEnabled: true}
	c.Server.Port = 3100
	c.Ingester.Lifecycler.MinReady = 15 * time.Second
	c.Limits = limits{
		OldestAge: 7 * 24 * time.Hour, NewestAhead: 10 * time.Minute, LineSize: 256 << 10, LabelNames: 15, LabelName: 1024, LabelValue: 2048,
		Metadata: 128, Entries: 5000, QueryLength: 721 * time.Hour,
	}
	return c
}

// section is a section of the file: Loki's name for its type, and its keys, each with its own section or nil.
type section struct {
	kind string
	keys map[string]*section
}

// keys lists keys below which the stand-in knows no section.
func keys(names string) map[string]*section {
	all := map[string]*section{}
	for name := range strings.FieldsSeq(names) {
		all[name] = nil
	}
	return all
}

// file is what the configuration file may contain: as much as the lab writes. Loki may know further keys, the stand-in does not.
var file = &section{"loki.ConfigWrapper", map[string]*section{
	"auth_enabled":    nil,
	"server":          {"server.Config", keys("http_listen_address http_listen_port grpc_listen_address grpc_listen_port log_level log_format")},
	"common":          {"common.Config", keys("instance_addr instance_interface_names path_prefix replication_factor ring storage")},
	"ingester":        {"ingester.Config", map[string]*section{"lifecycler": {"ring.LifecyclerConfig", keys("min_ready_duration")}}},
	"frontend_worker": {"worker.Config", keys("frontend_address")},
	"schema_config":   {"config.SchemaConfig", keys("configs")},
	"analytics":       {"analytics.Config", keys("reporting_enabled")},
	"limits_config": {"validation.plain", keys("reject_old_samples_max_age creation_grace_period max_line_size max_label_names_per_series " +
		"max_label_name_length max_label_value_length max_structured_metadata_entries_count max_entries_limit_per_query max_query_length")},
}}

// unknown lists the unknown keys of a section.
func (s *section) unknown(node *yaml.Node) (lines []string) {
	if s == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for pair := range slices.Chunk(node.Content, 2) {
		inner, ok := s.keys[pair[0].Value]
		if !ok {
			lines = append(lines, fmt.Sprintf("  line %d: field %s not found in type %s", pair[0].Line, pair[0].Value, s.kind))
			continue
		}
		lines = append(lines, inner.unknown(pair[1])...)
	}
	return lines
}

// readConfig reads the file as strictly as Loki does, and reports errors in Loki's words.
func readConfig(path string) (config, error) {
	settings := defaults()
	text, err := os.ReadFile(path)
	if err != nil {
		return settings, fmt.Errorf("failed parsing config: %s does not exist, set config.file for custom config path", path)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return settings, fmt.Errorf("failed parsing config: %s: %w", path, err)
	}
	if len(document.Content) == 0 {
		return settings, nil
	}
	if lines := file.unknown(document.Content[0]); len(lines) > 0 {
		return settings, fmt.Errorf("failed parsing config: %s: yaml: unmarshal errors:\n%s", path, strings.Join(lines, "\n"))
	}
	if err := document.Decode(&settings); err != nil {
		return settings, fmt.Errorf("failed parsing config: %s: %w", path, err)
	}
	return settings, nil
}
