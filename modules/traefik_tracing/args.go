// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	State              string            `json:"state"`
	Method             string            `json:"method"`
	Name               string            `json:"name"`
	Namespace          string            `json:"namespace"`
	Version            string            `json:"traefik_version"`
	ImageTag           string            `json:"image_tag"`
	Endpoint           string            `json:"endpoint"`
	Endpoints          map[string]any    `json:"endpoints"`
	TempoNamespace     string            `json:"tempo_namespace"`
	TempoRelease       string            `json:"tempo_release"`
	Protocol           string            `json:"protocol"`
	ServiceName        string            `json:"service_name"`
	SampleRate         float64           `json:"sample_rate"`
	ResourceAttributes map[string]string `json:"resource_attributes"`
	SameSpan           bool              `json:"same_span"`
	ID128Bit           bool              `json:"id_128bit"`
	Propagators        []string          `json:"propagators"`
	AccessLog          bool              `json:"access_log"`
	TraceHeader        string            `json:"trace_header"`
	WithoutTraceID     bool              `json:"without_trace_id"`
	IngressHost        string            `json:"ingress_host"`
	IngressURL         string            `json:"ingress_url"`
	IngressPath        string            `json:"ingress_path"`
	URLValidateCerts   bool              `json:"url_validate_certs"`
	URLCACert          string            `json:"url_ca_cert"`
	FailurePolicy      string            `json:"failure_policy"`
	Force              bool              `json:"force"`
	Wait               bool              `json:"wait"`
	Limit              time.Duration     `json:"timeout"`
}

// Timeout bounds the whole run.
func (a Args) Timeout() time.Duration { return a.Limit }

func (a Args) absent() bool { return a.State == "absent" }

// through reports whether a request through Traefik is asked for.
func (a Args) through() bool { return a.IngressHost != "" || a.IngressURL != "" }
