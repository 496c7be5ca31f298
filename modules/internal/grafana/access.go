// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"fmt"
	"math"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Access says how to reach Grafana's HTTP API. A module's Args embeds it.
type Access struct {
	URL           string      `json:"grafana_url"`
	User          string      `json:"grafana_user"`
	Password      secret.Text `json:"grafana_password"`
	Token         secret.Text `json:"grafana_api_key"`
	OrgID         int64       `json:"org_id"`
	OrgName       string      `json:"org_name"`
	UseProxy      bool        `json:"use_proxy"`
	ValidateCerts bool        `json:"validate_certs"`
	CACert        string      `json:"ca_cert"`
	ClientCert    string      `json:"client_cert"`
	ClientKey     string      `json:"client_key"`
	// Names are those of the options for certificates; certificate.DefaultNames where a
	// module does not call them otherwise.
	Names certificate.Names `json:"-"`
}

// Given reports whether there is an address at all.
func (a Access) Given() bool { return a.URL != "" }

// Options are the rows for Access. Names and aliases are those of
// community.grafana (plugins/doc_fragments/basic_auth.py and api_key.py, 2.3),
// so that module_defaults written for it carry over.
func Options() []option.Option {
	return []option.Option{
		{Name: "grafana_url", Type: option.Text, Aliases: []string{"url"}, Env: []string{"GRAFANA_URL"}, Check: checkURL, Doc: []string{
			"Address of Grafana, with its sub-path if it has one: V(https://monitoring.example.com/grafana/)."}},
		{Name: "grafana_user", Type: option.Text, Login: true, Default: "admin", Aliases: []string{"url_username"}, Env: []string{"GRAFANA_USER"}, Doc: []string{
			"User to log in as."}},
		{Name: "grafana_password", Type: option.Text, Secret: true, Aliases: []string{"url_password"}, Env: []string{"GRAFANA_PASSWORD"}, Doc: []string{
			"Password of that user."}},
		{Name: "grafana_api_key", Type: option.Text, Secret: true, Aliases: []string{"grafana_token"}, Env: []string{"GRAFANA_API_KEY", "GRAFANA_TOKEN"}, Doc: []string{
			"Token of a service account with the role Admin, instead of user and password."}},
		{Name: "org_id", Type: option.Int, Env: []string{"GRAFANA_ORG_ID"}, Check: option.Between(1, math.MaxInt32), Doc: []string{
			"Number of the organization. The default is the login's own. The user's current organization is not switched."}},
		{Name: "org_name", Type: option.Text, Check: option.CheckLine, Doc: []string{"Name of the organization. Looking it up takes one more request and a server admin; for a token it is compared with the token's own."}},
		{Name: "use_proxy", Type: option.Bool, Default: true, Doc: []string{"Whether the proxy of the environment is used (E(HTTPS_PROXY), E(HTTP_PROXY), E(NO_PROXY))."}},
		{Name: "validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether Grafana's certificate is verified."}},
		{Name: "ca_cert", Type: option.Text, Aliases: []string{"ca_path"}, Doc: []string{
			"CA certificate of Grafana, as a path on the host that runs the task or as PEM text. It is trusted in addition to those of that host."}},
		{Name: "client_cert", Type: option.Path, Inline: true, Doc: []string{"Client certificate in PEM form, as a path on the host that runs the task or as text."}},
		{Name: "client_key", Type: option.Path, Inline: true, Doc: []string{"Key of the client certificate, given in the same ways."}},
	}
}

// Pairs are the rows of Options that go together, for Table.RequiredTogether.
func Pairs() [][]string { return [][]string{{"client_cert", "client_key"}} }

// MutuallyExclusive are the rows of Options that exclude each other.
func MutuallyExclusive() [][]string { return [][]string{{"org_id", "org_name"}} }

func checkURL(value any) error {
	parsed, err := option.ParseURL(value, "https://monitoring.example.com/grafana/", ": use grafana_user and grafana_password")
	if err == nil && (parsed.RawQuery != "" || parsed.Fragment != "") {
		err = fmt.Errorf("must end after the path")
	}
	return err
}

var validUID = lazyregexp.Regexp{Expr: `^[a-zA-Z0-9_-]{1,40}$`}

// CheckUID refuses what is no uid of a data source.
func CheckUID(value any) error {
	if text, _ := value.(string); !validUID.Get().MatchString(text) {
		return fmt.Errorf("must be 1 to 40 letters, digits, - or _")
	}
	return nil
}
