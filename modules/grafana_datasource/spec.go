// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Spec is what is wanted of a data source: the options, and what they amount
// to. Nil pointers and empty strings ask for nothing.
type Spec struct {
	Args
	// Settings is jsonData as far as the task gives it, in the API's form. A nil
	// removes a key.
	Settings map[string]any
	// Streaming is what should stream where Tempo does.
	Streaming map[string]any
	// RemovedFields are the derived fields to remove.
	RemovedFields []jsondata.RemovedField
	// Secrets are those of the task by Grafana's names, without the headers.
	Secrets map[string]secret.Text
}

// Spec turns the arguments into what is wanted.
func (Module) Spec(args Args) (Spec, error) {
	if err := args.validate(); err != nil {
		return Spec{}, err
	}
	args.Type = args.kind()
	return Spec{
		Args: args, Settings: args.settings(), Streaming: args.Tempo.WantedStreaming(), RemovedFields: args.Loki.RemovedFields(), Secrets: args.secrets(),
	}, nil
}

// Timeout bounds the whole run.
func (s Spec) Timeout() time.Duration { return s.Limit }

func (s Spec) absent() bool { return s.State == "absent" }

// onlyRemoves reports a task that asks for nothing but fields to be removed.
func (s Spec) onlyRemoves() bool {
	return (len(s.RemovedFields) > 0 || s.Prometheus.Removes()) && len(s.Settings) == 0
}

// validate refuses what the option table cannot express.
func (a Args) validate() error {
	texts := slices.Concat(a.Loki.Faults(), a.linkFaults(), a.Prometheus.Faults(), a.tempoFaults())
	if _, given := a.JSONData[jsondata.Exemplars]; given && a.Prometheus != nil {
		texts = append(texts, "json_data must not hold "+jsondata.Exemplars+" beside prometheus.exemplars")
	}
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

// linkFaults lists what is wrong with log_link; an empty one is right.
func (a Args) linkFaults() []string {
	if a.LogLink == nil || *a.LogLink == (loglink.Link{}) {
		return nil
	}
	if err := a.LogLink.Fault(); err != nil {
		return []string{"log_link." + err.Error()}
	}
	return nil
}

// tempoFaults lists what is wrong with the Tempo that is named.
func (a Args) tempoFaults() []string {
	if !a.tempoRelease().Named() || a.kind() == "tempo" {
		return nil
	}
	return []string{"tempo_namespace and tempo_release are for a data source of type tempo: give ds_type: tempo, or leave them out"}
}

// kind is the type, which the typed settings imply.
func (a Args) kind() string {
	switch {
	case a.Tempo != nil:
		return "tempo"
	case a.Loki != nil:
		return "loki"
	case a.Prometheus != nil:
		return "prometheus"
	}
	return a.Type
}

// settings is jsonData as far as the task gives it, in the API's form. What
// stands in json_data goes before the typed settings.
func (a Args) settings() map[string]any {
	made := jsondata.Merge(a.Tempo.Settings(), a.Loki.Settings())
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
	return grafana.UnescapeVariables(jsondata.Merge(made, a.JSONData)).(map[string]any)
}

// sampled runs the derived fields of the data source that the task names on the
// sample line: name to what was found. Nil without a sample or fields.
func (a Args) sampled(source *grafana.Source) (map[string]any, error) {
	if source == nil {
		return nil, nil
	}
	return a.Loki.Sample(a.SampleLogLine, source.JSONData)
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
