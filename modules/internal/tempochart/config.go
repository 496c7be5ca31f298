// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempochart maps options to the values of Tempo's Helm charts: it composes
// the values, refuses what a version does not support, and reports options and
// values that have no effect in what the chart renders. It is pure.
package tempochart

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Config says how Tempo is to run: the options from which the values of a chart
// are composed. It is filled by its json tags.
type Config struct {
	Sizing
	Storage          string            `json:"storage"`
	Receivers        []tempo.Endpoint  `json:"receivers"`
	S3               S3                `json:"s3"`
	Retention        string            `json:"retention"`
	LogReceivedSpans bool              `json:"log_received_spans"`
	Search           bool              `json:"search"`
	Streaming        bool              `json:"streaming"`
	MetricsGenerator *MetricsGenerator `json:"metrics_generator"`
	ServiceGraph     bool              `json:"service_graph"`
	Prometheus       string            `json:"prometheus"`
	TraceQLMetrics   bool              `json:"traceql_metrics"`
	UsageReport      *bool             `json:"usage_report"`
	Kafka            *Kafka            `json:"kafka"`
	Persistence      *Persistence      `json:"persistence"`
	ImageTag         string            `json:"image_tag"`
	Values           map[string]any    `json:"values"`
	StrictValues     bool              `json:"strict_values"`
	VerifyConfig     bool              `json:"verify_config"`
}

// Sizing says how many pods there are, how large, and on which nodes.
type Sizing struct {
	Replicas          map[string]int64  `json:"replicas"`
	ReplicationFactor int64             `json:"replication_factor"`
	Resources         string            `json:"resources"`
	NodeSelector      map[string]string `json:"node_selector"`
	Tolerations       []any             `json:"tolerations"`
}

// MetricsGenerator derives metrics from spans and sends them to Prometheus.
type MetricsGenerator struct {
	RemoteWriteURL string   `json:"remote_write_url"`
	Processors     []string `json:"processors"`
}

// Kafka is the broker that Tempo 3 writes through. There is one block builder
// and one live store for each partition.
type Kafka struct {
	Address    string `json:"address"`
	Topic      string `json:"topic"`
	Partitions int64  `json:"partitions"`
	AutoCreate bool   `json:"auto_create_topic"`
}

// Persistence gives volumes to the pods that hold what is not stored yet.
type Persistence struct {
	Size         string `json:"size"`
	StorageClass string `json:"storage_class"`
}

// S3 is the object storage. Endpoint is host:port without a scheme.
type S3 struct {
	Bucket         string      `json:"bucket"`
	Endpoint       string      `json:"endpoint"`
	Region         string      `json:"region"`
	AccessKey      string      `json:"access_key"`
	SecretKey      secret.Text `json:"secret_key"`
	ExistingSecret string      `json:"existing_secret"`
	Insecure       bool        `json:"insecure"`
	ValidateCerts  bool        `json:"validate_certs"`
	CACert         string      `json:"ca_cert"`
	PathStyle      bool        `json:"path_style"`
	Prefix         string      `json:"prefix"`
}

// Validate checks the options against each other.
func (s S3) Validate() error {
	keys := s.AccessKey != "" || !s.SecretKey.Empty()
	switch {
	case s.CACert != "" && s.Insecure:
		return fault.New(fault.Usage, "leave one of them out", "s3.ca_cert has no effect with s3.insecure: true, with which Tempo uses HTTP")
	case keys && s.ExistingSecret != "":
		return fault.New(fault.Usage, "", "s3: give either access_key and secret_key, or existing_secret")
	case s.ExistingSecret == "" && (s.AccessKey == "" || s.SecretKey.Empty()):
		return fault.New(fault.Usage, "", "s3: access_key and secret_key are both required unless existing_secret is given")
	}
	return nil
}
