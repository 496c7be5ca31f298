// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/secret"
)

// State is what is in Grafana, or what is wanted there. Nil is absent.
type State struct {
	Source *grafana.Source
	// Namesake is another data source that has the wanted name.
	Namesake *grafana.Source
	// Via is how it gets there.
	Via string
	// UIDTaken reports that another data source has the uid made from the name.
	UIDTaken bool
	// Default names another data source that is the organization's default.
	Default string
	// Old reports a Grafana that knows the link to logs by its old name only.
	Old bool
	// Address is the URL that was found in the cluster for a data source that is
	// to be created without one, and Missing why there is none.
	Address string
	Missing error
	// Streaming is what Tempo says of it; nil when it was not asked.
	Streaming *Streaming
	// Health is nil when it was not asked for.
	Health *grafana.Health
	// SecretsWritten is set once this run has written the secrets.
	SecretsWritten bool
	// Origin is where a data source comes from that somebody else provisions.
	Origin *grafana.Held
	// File is what is in the cluster, for the way by ConfigMap.
	File File
	// Wish is what only a wanted State has.
	Wish *Wish
}

// File is a provisioning file in the cluster. Its data source is State.Source.
type File struct {
	// Target is where the file belongs, without its content.
	Target grafana.Holder
	// Holder is what is there; nil is nothing. Its content is left out.
	Holder *grafana.Holder
	// Going says that the namespace is being deleted; nil when it is not.
	Going error
	// Removes reports that the file tells Grafana to remove the data source.
	Removes bool
	// Asked reports that Grafana was asked too, and Live is what it has.
	Asked bool
	Live  *grafana.Source
}

// Wish is what is wanted of a data source, to be laid over the one that is
// there. Nil pointers and empty strings ask for nothing.
type Wish struct {
	Absent          bool
	OrgID           int64
	Label           string // names the data source in paths
	Name, UID, Type string
	LikelyUID       string
	URL, Access     string
	User, Database  *string
	BasicAuthUser   *string
	WithCredentials *bool
	IsDefault       *bool
	Settings        map[string]any
	Streaming       settings // what is to stream where Tempo does
	AskTempo        bool     // whether to ask it once Grafana has the data source
	FieldsGone      map[string]bool
	Replace         bool
	Headers         map[string]secret.Text
	Secrets         map[string]secret.Text
	UpdateSecret    string
	RequireHealthy  bool
	// Sample runs the derived fields on the sample line, if there is one.
	Sample func(*grafana.Source) error
}

// Desired turns the arguments into the wanted State.
func (m *Module) Desired(args Args) (State, error) {
	if err := args.faults(); err != nil {
		return State{}, err
	}
	wish := &Wish{
		Absent: args.absent(), OrgID: args.org(), Label: args.label(), Name: args.Name, UID: args.UID, LikelyUID: args.likelyUID(),
		Type: args.kind(), URL: args.SourceURL, Access: args.SourceAccess, User: args.SourceUser, Database: args.Database,
		BasicAuthUser: args.BasicAuthUser, WithCredentials: args.WithCredentials, IsDefault: args.IsDefault,
		Settings: args.settings(), Streaming: args.Tempo.streaming(), FieldsGone: args.Loki.gone(), Replace: args.Replace, Headers: args.HTTPHeaders,
		Secrets: args.secrets(), UpdateSecret: args.UpdateSecret, RequireHealthy: args.RequireHealthy,
		Sample: func(source *grafana.Source) error { _, err := args.sampled(source); return err },
	}
	return State{Wish: wish}, nil
}

// faults are those that the option table cannot express.
func (a Args) faults() error {
	texts := a.Loki.faults()
	if a.Type != "" && a.Type != a.kind() {
		texts = append(texts, "ds_type is "+a.Type+", but settings for "+a.kind()+" are given")
	}
	if a.Via == viaAPI && !a.Given() {
		texts = append(texts, "grafana_url is required for via: api")
	}
	if !a.Given() && a.RequireHealthy {
		texts = append(texts, "grafana_url is required for require_healthy")
	}
	if !a.Given() && a.OrgName != "" {
		texts = append(texts, "grafana_url is required to find org_name: give org_id instead")
	}
	if a.Given() && a.Token.Empty() && a.Password.Empty() {
		texts = append(texts, "one of grafana_password, grafana_api_key is required")
	}
	if len(texts) == 0 {
		return nil
	}
	return fault.New(fault.Usage, "", "options: %s", strings.Join(texts, "; "))
}

// kind is the type, which the typed settings imply.
func (a Args) kind() string {
	switch {
	case a.Tempo != nil:
		return "tempo"
	case a.Loki != nil:
		return "loki"
	}
	return a.Type
}

// settings is jsonData as far as the task gives it, in the API's form. What
// stands in json_data goes before the typed settings.
func (a Args) settings() map[string]any {
	made := merged(a.Tempo.settings(), a.Loki.settings())
	if a.TLSServerName != nil {
		made["serverName"] = *a.TLSServerName
	}
	if a.TLSSkipVerify != nil {
		made["tlsSkipVerify"] = *a.TLSSkipVerify
	}
	if !a.TLSCACert.Empty() {
		made["tlsAuthWithCACert"] = true
	}
	if !a.TLSClientCert.Empty() {
		made["tlsAuth"] = true
	}
	return grafana.APIForm(merged(made, a.JSONData)).(map[string]any)
}

// secrets are those that the task gives, under Grafana's names.
func (a Args) secrets() map[string]secret.Text {
	given := map[string]secret.Text{
		"basicAuthPassword": a.BasicAuthPassword, "password": a.SourcePassword,
		"tlsCACert": a.TLSCACert, "tlsClientCert": a.TLSClientCert, "tlsClientKey": a.TLSClientKey,
	}
	maps.DeleteFunc(given, func(_ string, text secret.Text) bool { return text.Empty() })
	maps.Copy(given, a.SecureJSONData)
	return given
}
