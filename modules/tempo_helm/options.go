// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Args are the task's options.
type Args struct {
	kube.Access
	State     string `json:"state"`
	Release   string `json:"release_name"`
	Namespace string `json:"release_namespace"`
	Mode      string `json:"mode"`

	ChartRef        string      `json:"chart_ref"`
	ChartRepoURL    string      `json:"chart_repo_url"`
	ChartVersion    string      `json:"chart_version"`
	RepoUsername    string      `json:"chart_repo_username"`
	RepoPassword    secret.Text `json:"chart_repo_password"`
	RepoCACert      string      `json:"chart_repo_ca_cert"`
	RepoInsecure    bool        `json:"insecure_skip_tls_verify"`
	PlainHTTP       bool        `json:"plain_http"`
	CreateNamespace bool        `json:"create_namespace"`

	NamespaceLabels      map[string]string `json:"namespace_labels"`
	NamespaceAnnotations map[string]string `json:"namespace_annotations"`

	Wait          bool          `json:"wait"`
	WaitTimeout   time.Duration `json:"wait_timeout"`
	ReadyCheck    string        `json:"ready_check"`
	Atomic        bool          `json:"atomic"`
	HistoryMax    int           `json:"history_max"`
	SkipCRDs      bool          `json:"skip_crds"`
	TakeOwnership bool          `json:"take_ownership"`
	Description   string        `json:"description"`
	Drift         string        `json:"drift"`
	Recover       bool          `json:"recover"`
	RemoveVolumes bool          `json:"remove_volumes"`
	RemoveSpace   bool          `json:"remove_namespace"`

	Sizing
	Receivers        []tempo.Endpoint  `json:"receivers"`
	S3               S3                `json:"s3"`
	Retention        string            `json:"retention"`
	LogReceivedSpans bool              `json:"log_received_spans"`
	Search           bool              `json:"search"`
	MetricsGenerator *MetricsGenerator `json:"metrics_generator"`
	Kafka            *Kafka            `json:"kafka"`
	Persistence      *Persistence      `json:"persistence"`
	ImageTag         string            `json:"image_tag"`
	Values           map[string]any    `json:"values"`
	StrictValues     bool              `json:"strict_values"`
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

// The modes, and the states.
const (
	microservices = "microservices"
	monolithic    = "monolithic"
	present       = "present"
	absent        = "absent"
)

// Options is the table behind Args.
func (Module) Options() option.Table {
	rows := append(releaseOptions(), valuesOptions()...)
	return option.Table{
		Options:          append(rows, kube.Options()...),
		RequiredIf:       []option.RequiredIf{{Option: "state", Value: present, Needs: []string{"s3"}}},
		RequiredTogether: [][]string{{"chart_repo_username", "chart_repo_password"}},
	}
}
