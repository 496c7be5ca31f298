// SPDX-License-Identifier: AGPL-3.0-or-later

// Package config reads Tempo's configuration as strictly as the emulated version does: an unknown field is an error in
// that version's words. Of the rest it keeps what the stand-in uses.
package config

import (
	"fmt"
	"time"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// Config is the part of the configuration that the stand-in uses.
type Config struct {
	// Edition is the version that the stand-in runs as.
	Edition edition.Edition `yaml:"-"`
	// Written is the file's content, after variables were expanded.
	Written map[string]any `yaml:"-"`
	// FlatOverrides says that the overrides are in the format of before 2.3.
	FlatOverrides bool `yaml:"-"`
	// Verify only checks the file.
	Verify bool `yaml:"-"`

	Target         string `yaml:"target"`
	Prefix         string `yaml:"http_api_prefix"`
	Tenants        bool   `yaml:"multitenancy_enabled"`
	Auth           bool   `yaml:"auth_enabled"`
	Search         bool   `yaml:"search_enabled"`
	Generates      bool   `yaml:"metrics_generator_enabled"`
	StreamOverHTTP bool   `yaml:"stream_over_http_enabled"`

	Server struct {
		HTTPAddress string `yaml:"http_listen_address"`
		HTTPPort    int    `yaml:"http_listen_port"`
		GRPCAddress string `yaml:"grpc_listen_address"`
		GRPCPort    int    `yaml:"grpc_listen_port"`
		LogLevel    string `yaml:"log_level"`
	} `yaml:"server"`
	Distributor struct {
		Receivers map[string]any `yaml:"receivers"`
		LogSpans  struct {
			Enabled bool `yaml:"enabled"`
		} `yaml:"log_received_spans"`
	} `yaml:"distributor"`
	Ingester    Ingester   `yaml:"ingester"`
	LiveStore   LiveStore  `yaml:"live_store"`
	Compactor   Compacting `yaml:"compactor"`
	Worker      Compacting `yaml:"backend_worker"`
	Querier     Querier    `yaml:"querier"`
	Frontend    Frontend   `yaml:"query_frontend"`
	Storage     Storage    `yaml:"storage"`
	Gossip      Gossip     `yaml:"memberlist"`
	Generator   Generator  `yaml:"metrics_generator"`
	Overrides   Overrides  `yaml:"overrides"`
	UsageReport Reporting  `yaml:"usage_report"`
}

// Ingester has the settings by which Tempo below 3 gathers spans.
type Ingester struct {
	Lifecycler struct {
		MinReady time.Duration `yaml:"min_ready_duration"`
		Ring     struct {
			Replication int `yaml:"replication_factor"`
		} `yaml:"ring"`
	} `yaml:"lifecycler"`
	Idle    time.Duration `yaml:"trace_idle_period"`
	Longest time.Duration `yaml:"max_block_duration"`
	Check   time.Duration `yaml:"flush_check_period"`
	Forget  time.Duration `yaml:"complete_block_timeout"`
	Drain   bool          `yaml:"flush_all_on_shutdown"`
}

// LiveStore has the settings by which Tempo from 3 on gathers spans.
type LiveStore struct {
	Idle    time.Duration `yaml:"max_trace_idle"`
	Longest time.Duration `yaml:"max_block_duration"`
	Check   time.Duration `yaml:"flush_check_period"`
	Forget  time.Duration `yaml:"complete_block_timeout"`
	WAL     struct {
		Path string `yaml:"path"`
	} `yaml:"wal"`
}

// Compacting says how blocks are merged and when they are deleted.
type Compacting struct {
	Compaction struct {
		Retention time.Duration `yaml:"block_retention"`
		Compacted time.Duration `yaml:"compacted_block_retention"`
		Cycle     time.Duration `yaml:"compaction_cycle"`
		Window    time.Duration `yaml:"compaction_window"`
	} `yaml:"compaction"`
}

// Querier says where the query frontend is.
type Querier struct {
	Worker struct {
		Frontend string `yaml:"frontend_address"`
	} `yaml:"frontend_worker"`
}

// Frontend limits searches.
type Frontend struct {
	// Cutoff excludes the most recent spans from searches.
	Cutoff time.Duration `yaml:"query_end_cutoff"`
	MCP    struct {
		Enabled bool `yaml:"enabled"`
	} `yaml:"mcp_server"`
}

// Storage says where blocks are stored.
type Storage struct {
	Trace struct {
		Backend string `yaml:"backend"`
		Local   struct {
			Path string `yaml:"path"`
		} `yaml:"local"`
		S3  S3 `yaml:"s3"`
		WAL struct {
			Path string `yaml:"path"`
		} `yaml:"wal"`
		Poll  time.Duration `yaml:"blocklist_poll"`
		Cache string        `yaml:"cache"`
		Block struct {
			Version string `yaml:"version"`
		} `yaml:"block"`
	} `yaml:"trace"`
}

// S3 says how to reach the store.
type S3 struct {
	Bucket       string            `yaml:"bucket"`
	Endpoint     string            `yaml:"endpoint"`
	Region       string            `yaml:"region"`
	AccessKey    string            `yaml:"access_key"`
	SecretKey    string            `yaml:"secret_key"`
	SessionToken string            `yaml:"session_token"`
	Insecure     bool              `yaml:"insecure"`
	SkipVerify   bool              `yaml:"insecure_skip_verify"`
	SkipTLS      bool              `yaml:"tls_insecure_skip_verify"`
	CA           string            `yaml:"tls_ca_path"`
	ServerName   string            `yaml:"tls_server_name"`
	PathStyle    bool              `yaml:"forcepathstyle"`
	Prefix       string            `yaml:"prefix"`
	Tags         map[string]string `yaml:"tags"`
}

// Gossip says how the processes find each other.
type Gossip struct {
	BindAddress []string `yaml:"bind_addr"`
	BindPort    int      `yaml:"bind_port"`
	Join        any      `yaml:"join_members"`
	MustJoin    bool     `yaml:"abort_if_cluster_join_fails"`
	Label       string   `yaml:"cluster_label"`
}

// SingleTenant owns the traces where there are no tenants.
const SingleTenant = "single-tenant"

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
	Defaults   struct {
		Generator struct {
			Processors any `yaml:"processors"`
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

// Reporting says whether anonymous statistics are sent; the stand-in sends none, and writes the seed object as Tempo does.
type Reporting struct {
	Enabled bool `yaml:"reporting_enabled"`
}

// Defaults are those of the edition (grafana/tempo, RegisterFlagsAndApplyDefaults of each module; docs, configuration).
func Defaults(e edition.Edition) Config {
	c := Config{Edition: e, Target: "all"}
	c.Server.HTTPPort, c.Server.GRPCPort, c.Server.LogLevel = 80, 9095, "info"
	c.Ingester = Ingester{Idle: 10 * time.Second, Longest: time.Hour, Check: 10 * time.Second, Forget: 15 * time.Minute}
	if e.From(2, 0) {
		c.Ingester.Longest = 30 * time.Minute
	}
	if e.From(2, 8) {
		c.Server.HTTPPort, c.Ingester.Idle = 3200, 5*time.Second
	}
	c.Ingester.Lifecycler.MinReady = 15 * time.Second
	c.Ingester.Lifecycler.Ring.Replication = 1
	c.LiveStore = LiveStore{Idle: 5 * time.Second, Longest: 30 * time.Second, Check: 5 * time.Second, Forget: 20 * time.Minute}
	c.LiveStore.WAL.Path = "/var/tempo/live-store/traces"
	for _, part := range []*Compacting{&c.Compactor, &c.Worker} {
		part.Compaction.Retention, part.Compaction.Compacted = 14*24*time.Hour, time.Hour
		part.Compaction.Cycle, part.Compaction.Window = 30*time.Second, time.Hour
	}
	if e.From(3, 0) {
		c.Frontend.Cutoff = 30 * time.Second
	}
	c.Storage.Trace.WAL.Path, c.Storage.Trace.Poll = "/var/tempo/wal", 5*time.Minute
	c.Generator.Slack, c.Generator.Processor.Graphs.Wait, c.Generator.Registry.Every = 30*time.Second, 10*time.Second, 15*time.Second
	c.Gossip.BindPort, c.UsageReport.Enabled = 7946, true
	return c
}
