// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"time"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	TempoNamespace string         `json:"tempo_namespace"`
	TempoRelease   string         `json:"tempo_release"`
	Endpoints      map[string]any `json:"endpoints"`
	Receivers      []string       `json:"receivers"`
	Tenant         string         `json:"tenant"`
	Reach          string         `json:"reach"`

	IngressHost      string   `json:"ingress_host"`
	IngressURL       string   `json:"ingress_url"`
	IngressPath      string   `json:"ingress_path"`
	TraefikNamespace string   `json:"traefik_namespace"`
	TraefikName      string   `json:"traefik_name"`
	TraefikService   string   `json:"traefik_service_name"`
	Services         []string `json:"services"`

	LokiURL    string `json:"loki_url"`
	LokiTenant string `json:"loki_tenant"`
	LokiQuery  string `json:"loki_query"`
	LokiUID    string `json:"loki_uid"`
	TempoUID   string `json:"tempo_uid"`

	GrafanaURL           string      `json:"grafana_url"`
	GrafanaUser          string      `json:"grafana_user"`
	GrafanaPassword      secret.Text `json:"grafana_password"`
	GrafanaToken         secret.Text `json:"grafana_api_key"`
	OrgID                int64       `json:"org_id"`
	GrafanaValidateCerts bool        `json:"grafana_validate_certs"`
	GrafanaCACert        string      `json:"grafana_ca_cert"`

	URLValidateCerts bool   `json:"url_validate_certs"`
	URLCACert        string `json:"url_ca_cert"`

	Report      string        `json:"report"`
	WaitTimeout time.Duration `json:"wait_timeout"`
	Limit       time.Duration `json:"timeout"`
}

// Timeout bounds the whole run.
func (a Args) Timeout() time.Duration { return a.Limit }

// grafana is the login to Grafana.
func (a Args) grafana() grafana.Access {
	return grafana.Access{
		URL: a.GrafanaURL, User: a.GrafanaUser, Password: a.GrafanaPassword, Token: a.GrafanaToken, OrgID: a.OrgID,
		UseProxy: true, ValidateCerts: a.GrafanaValidateCerts, CACert: a.GrafanaCACert,
	}
}

// through reports whether a request through Traefik is part of the proof.
func (a Args) through() bool { return a.IngressHost != "" || a.IngressURL != "" }

// logged reports whether there is a way to the access log.
func (a Args) logged() bool { return a.through() && (a.LokiURL != "" || a.linked()) }

// linked reports whether Grafana's data source with the logs is part of the
// proof.
func (a Args) linked() bool { return a.through() && a.GrafanaURL != "" && a.LokiUID != "" }
