// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Args are the options of a task. A nil pointer is an option that was not given.
type Args struct {
	grafana.Access
	State string `json:"state"`
	Via   string `json:"via"`

	Kubeconfig     any    `json:"kubeconfig"`
	Context        string `json:"context"`
	Namespace      string `json:"namespace"`
	ConfigMapName  string `json:"configmap_name"`
	ConfigMapLabel string `json:"configmap_label"`

	Name            string  `json:"name"`
	UID             string  `json:"uid"`
	Type            string  `json:"ds_type"`
	SourceURL       string  `json:"ds_url"`
	NewURL          string  `json:"ds_url_if_new"`
	TempoNamespace  string  `json:"tempo_namespace"`
	TempoRelease    string  `json:"tempo_release"`
	SourceAccess    string  `json:"access"`
	SourceUser      *string `json:"user"`
	Database        *string `json:"database"`
	WithCredentials *bool   `json:"with_credentials"`
	IsDefault       *bool   `json:"is_default"`

	BasicAuthUser     *string                `json:"basic_auth_user"`
	BasicAuthPassword secret.Text            `json:"basic_auth_password"`
	SourcePassword    secret.Text            `json:"password"`
	TLSServerName     *string                `json:"tls_servername"`
	TLSSkipVerify     *bool                  `json:"tls_skip_verify"`
	TLSCACert         secret.Text            `json:"tls_ca_cert"`
	TLSClientCert     secret.Text            `json:"tls_client_cert"`
	TLSClientKey      secret.Text            `json:"tls_client_key"`
	HTTPHeaders       map[string]secret.Text `json:"http_headers"`

	JSONData       map[string]any         `json:"json_data"`
	SecureJSONData map[string]secret.Text `json:"secure_json_data"`
	UpdateSecret   string                 `json:"update_secret"`
	DigestPath     string                 `json:"digest_path"`
	Replace        bool                   `json:"replace"`
	Restore        bool                   `json:"restore"`

	Tempo      *jsondata.Tempo      `json:"tempo"`
	Loki       *jsondata.Loki       `json:"loki"`
	Prometheus *jsondata.Prometheus `json:"prometheus"`
	// LogLink is empty for the one that the data source keeps, nil for none.
	LogLink *loglink.Link `json:"log_link"`

	SampleLogLine  string `json:"sample_log_line"`
	CheckHealth    bool   `json:"check_health"`
	RequireHealthy bool   `json:"require_healthy"`
	// Required makes it an error if something is missing, and AcceptProvisioned takes
	// somebody else's data source without the links that it lacks.
	Required          bool `json:"required"`
	AcceptProvisioned bool `json:"accept_provisioned"`

	Limit time.Duration `json:"timeout"`
}

// The ways into Grafana.
const (
	viaAuto      = "auto"
	viaAPI       = "api"
	viaConfigMap = "configmap"
)

// way is how the data source gets into Grafana as far as the options tell.
func (a Args) way() string {
	if a.Via != viaAuto {
		return a.Via
	}
	if a.Given() {
		return viaAPI
	}
	return viaConfigMap
}

// cluster is the access to Kubernetes. Certificates and logins of their own go
// into the kubeconfig, since the options of those names are Grafana's.
func (a Args) cluster() kube.Access { return kube.Access{Kubeconfig: a.Kubeconfig, Context: a.Context} }

// tempoRelease is the Tempo that the task names; the zero value is the only one.
func (a Args) tempoRelease() discovery.Release {
	return discovery.Release{Namespace: a.TempoNamespace, Name: a.TempoRelease}
}

// org is the organization's number in provisioning files.
func (a Args) org() int64 { return max(a.OrgID, 1) }

// label names the data source in paths and messages.
func (a Args) label() string {
	if a.UID != "" {
		return a.UID
	}
	return a.Name
}

// likelyUID is the uid to look for, and to create with, when the task gives
// none: the name in the letters that a uid may have. One request is enough then.
func (a Args) likelyUID() string {
	if a.UID != "" {
		return a.UID
	}
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(a.Name))
	return slug[:min(len(slug), longestUID)]
}

// longestUID is Grafana's limit (pkg/util/shortid_generator.go).
const longestUID = 40

// object is the name of the ConfigMap or Secret.
func (a Args) object() string {
	if a.ConfigMapName != "" {
		return a.ConfigMapName
	}
	return "grafana-datasource-" + strings.Trim(strings.ToLower(strings.ReplaceAll(a.likelyUID(), "_", "-")), "-")
}
