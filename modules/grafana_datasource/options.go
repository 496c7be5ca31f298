// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/option"
)

// Options is the module's table.
func (Module) Options() option.Table {
	return option.Table{
		Options: slices.Concat(
			[]option.Option{{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
				"Whether the data source should exist."}}},
			viaOptions(), grafana.Options(), sourceOptions(), loginOptions(), settingOptions(), jsondata.Options(), runOptions()),
		RequiredOneOf:     [][]string{{"name", "uid"}},
		RequiredTogether:  append(grafana.Pairs(), []string{"tls_client_cert", "tls_client_key"}),
		MutuallyExclusive: append(grafana.MutuallyExclusive(), []string{"tempo", "loki"}, []string{"tempo", "prometheus"}, []string{"loki", "prometheus"}),
	}
}

// updateByDigest compares a secret with its digest.
const updateByDigest = "digest"

func viaOptions() []option.Option {
	cluster := slices.DeleteFunc(kube.Options(), func(row option.Option) bool { return row.Name != "kubeconfig" && row.Name != "context" })
	return append([]option.Option{
		{Name: "via", Type: option.Text, Default: viaAuto, Choices: []string{viaAuto, viaAPI, viaConfigMap}, Doc: []string{
			"V(api) writes through Grafana's HTTP API. V(configmap) writes a ConfigMap, or a Secret where there are secrets, from which the sidecar of Grafana's chart makes a provisioning file.",
			"V(auto) is V(api) when O(grafana_url) is given, and V(configmap) without it, or when the data source came that way before. A data source that somebody else provisions is left unchanged, and the message says where it comes from."}},
		{Name: "namespace", Type: option.Text, Aliases: []string{"k3s_monitoring_namespace"}, Check: option.CheckNamespace, Doc: []string{
			"Namespace of Grafana. It is searched for by default."}},
		{Name: "configmap_name", Type: option.Text, Check: checkObject, Doc: []string{
			"Name of the ConfigMap or Secret; C(grafana-datasource-) and the uid by default."}},
		{Name: "configmap_label", Type: option.Text, Check: checkLabel, Doc: []string{
			"Label that the sidecar looks for, such as V(grafana_datasource=1). It is read from Grafana's Deployment by default."}},
	}, cluster...)
}

func sourceOptions() []option.Option {
	return []option.Option{
		{Name: "name", Type: option.Text, Check: checkName, Doc: []string{
			"Name of the data source. With O(uid) the data source is renamed to it."}},
		{Name: "uid", Type: option.Text, Check: grafana.CheckUID, Doc: []string{
			"The uid by which dashboards and other data sources refer to it. Without it the name in lower case is tried, then the list is searched for the name."}},
		{Name: "ds_type", Type: option.Text, Aliases: []string{"type"}, Doc: []string{
			"Type of the data source, such as V(tempo), V(loki) or V(prometheus). Required to create one; O(tempo), O(loki) and O(prometheus) imply it."}},
		{Name: "ds_url", Type: option.Text, Check: option.CheckNoLoginBut("basic_auth_user and basic_auth_password, or http_headers"), Doc: []string{
			"URL of the data source as Grafana reaches it. Without it an existing data source keeps its own, and for a new one of type V(tempo) or V(loki) the Services of the cluster are searched. O(tempo_namespace) and O(tempo_release) name one of several Tempos."}},
		{Name: "ds_url_if_new", Type: option.Text, Since: "1.1.0", Check: option.CheckNoLoginBut("basic_auth_user and basic_auth_password, or http_headers"), Doc: []string{
			"URL of a new data source without O(ds_url), where none is found in the cluster. An existing data source keeps its own."}},
		{Name: "tempo_namespace", Type: option.Text, Since: "1.1.0", Check: option.CheckNamespace, Doc: []string{
			"Namespace of the Tempo whose Services give the URL, for a data source of type V(tempo). It has no effect beside O(ds_url).",
			"With this option or O(tempo_release), an existing data source gets that URL too. It is an error if that Tempo is not in the cluster and another one is. Where there is none, an existing data source keeps its URL, and the task warns."}},
		{Name: "tempo_release", Type: option.Text, Since: "1.1.0", Check: option.CheckName, Doc: []string{
			"Helm release of that Tempo."}},
		{Name: "access", Type: option.Text, Choices: []string{"proxy", "direct"}, Doc: []string{
			"Whether Grafana or the browser sends the queries. The default for a new data source is V(proxy)."}},
		{Name: "user", Type: option.Text, Login: true, Doc: []string{"User of the data source's own protocol, as databases have."}},
		{Name: "password", Type: option.Text, Secret: true, Doc: []string{"Password of that user."}},
		{Name: "database", Type: option.Text, Doc: []string{"Database of the data source."}},
		{Name: "with_credentials", Type: option.Bool, Doc: []string{"Whether browsers send cookies along."}},
		{Name: "is_default", Type: option.Bool, Doc: []string{
			"Whether it is the default of the organization. V(true) is refused while another one is the default: a second one in provisioning files keeps Grafana from starting.",
			"Grafana makes the first data source of an organization its default by itself."}},
	}
}

func loginOptions() []option.Option {
	return []option.Option{
		{Name: "basic_auth_user", Type: option.Text, Login: true, Doc: []string{"User of HTTP basic authentication. An empty one turns it off."}},
		{Name: "basic_auth_password", Type: option.Text, Secret: true, Doc: []string{"Password of HTTP basic authentication."}},
		{Name: "tls_servername", Type: option.Text, Check: option.CheckLine, Doc: []string{"Name in the certificate of the data source, if it differs from the URL."}},
		{Name: "tls_skip_verify", Type: option.Bool, Doc: []string{"Whether Grafana accepts any certificate of the data source."}},
		{Name: "tls_ca_cert", Type: option.Text, Secret: true, Doc: []string{"CA certificate of the data source in PEM form. Grafana trusts it instead of those of its host."}},
		{Name: "tls_client_cert", Type: option.Text, Secret: true, Doc: []string{"Client certificate in PEM form."}},
		{Name: "tls_client_key", Type: option.Text, Secret: true, Doc: []string{"Key of the client certificate in PEM form."}},
		{Name: "http_headers", Type: option.Map, Elements: option.Text, Secret: true, Doc: []string{
			"Headers that Grafana sends to the data source, each name with its value. The values are secret. Existing headers keep their numbers; new ones are numbered in alphabetical order."}},
	}
}

func settingOptions() []option.Option {
	return []option.Option{
		{Name: "json_data", Type: option.Map, Aliases: []string{"additional_json_data"}, Check: checkSettings, Doc: []string{
			"Settings of the data source, as Grafana names them. They are merged into the existing ones; lists are replaced, except that C(derivedFields) are merged as O(loki.derived_fields) are. A null removes a key.",
			"Variables may be written as in the API, C(${__value.raw}), or as in provisioning files, C($${__value.raw})."}},
		{Name: "log_link", Type: option.Map, Since: "1.1.0", Suboptions: []option.Option{
			{Name: "selector", Type: option.Text, Doc: []string{"Selector of LogQL for the streams, such as V({app=\"traefik\"})."}},
			{Name: "place", Type: option.Text, Choices: []string{"line", "field", "label", "metadata"}, Doc: []string{"Where the ID is: in the text of the line, in a field of it, in a label of the stream, or in structured metadata."}},
			{Name: "name", Type: option.Text, Doc: []string{"Name of the field, the label or the metadata."}},
			{Name: "regex", Type: option.Text, Doc: []string{"Regular expression that finds the ID in the text, as its one group. Empty where the text does not hold it."}},
		}, Doc: []string{
			"Where log lines have their trace IDs, as RV(picluster.tracing.trace_probe#module:log_link). For a Loki data source it takes precedence over O(loki.derived_fields[].trace_id_field): the field looks into the text, or for the label where the text does not hold the ID, which needs Grafana 10.3; beside a field of somebody else's of the same name its name ends with C((Tempo)), since Grafana uses the first one's expression for all of a name. For a Tempo data source it takes precedence over O(tempo.traces_to_logs.query).",
			"It is kept in the data source, under C(picluster_log_link). An empty one takes what is kept there; where nothing is, the other options hold."}},
		{Name: "secure_json_data", Type: option.Map, Elements: option.Text, Secret: true, Aliases: []string{"additional_secure_json_data"}, Doc: []string{
			"Secret settings, as Grafana names them, such as C(basicAuthPassword)."}},
		{Name: "update_secret", Type: option.Text, Default: updateByDigest, Choices: []string{updateByDigest, "always", "on_create"}, Doc: []string{
			"Grafana never gives a secret back. V(digest) keeps a salted digest of each, see O(digest_path), and writes a secret when it no longer matches; V(always) writes in every run, which then always reports a change; V(on_create) writes only what Grafana does not have.",
			"With O(via=configmap) the secrets are read from the Secret and compared with themselves; no digest is kept."}},
		{Name: "digest_path", Type: option.Path, Since: "1.1.0", Doc: []string{
			"Folder for the digests on the host that runs the task, such as V(/var/lib/picluster.tracing/grafana); only the user of the task (root with C(become)) may read it and its files. Without it the digests are in the data source's own settings, under C(picluster_secret_digests).",
			"In the settings they survive the loss of the host, and a restored backup of Grafana brings back the digests that belong to its secrets. Grafana sends these settings to the browser of every user who may query the data source, so a short secret could be guessed from its digest there: 10000 rounds of PBKDF2 make that slow, not impossible. A tool that replaces the settings as a whole, such as Terraform, removes the digests, and the next run reports a change.",
			"In a folder nobody else sees them, and they stay when others write the settings. A restored or recreated Grafana is noticed by the version of the data source, and the secrets are then written again. They are also written again, once, when the folder is lost, when O(grafana_url) changes, or from another host."}},
		{Name: "replace", Type: option.Bool, Default: false, Doc: []string{
			"Whether settings that the task does not name are removed."}},
		{Name: "restore", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Whether to restore what this module has replaced in the data source and the task no longer names. With O(state=absent) only a data source that this module created is deleted; one that existed before stays, with the settings that it had. What somebody has changed since stays too.",
			"The previous settings are kept in the data source itself, under C(picluster_settings). Secrets are not restored, since Grafana does not return them. With O(via=configmap) a data source that existed before stays in the file, since Grafana keeps nothing else of it."}},
	}
}

func runOptions() []option.Option {
	return []option.Option{
		{Name: "required", Type: option.Bool, Since: "1.1.0", Default: true, Doc: []string{
			"Whether it is an error if no Grafana runs in the cluster and O(grafana_url) does not name one, or if there is nothing that a new data source without O(ds_url) could point to. Otherwise the task then does nothing and warns."}},
		{Name: "accept_provisioned", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Take a data source of type V(tempo) or V(prometheus) that somebody else provisions as it is, such as one of kube-prometheus-stack's values, where only the optional settings of O(tempo), O(prometheus) and O(json_data) differ. The task then warns with what to put into its source. Its URL and type must be those of the task."}},
		{Name: "sample_log_line", Type: option.Text, Doc: []string{
			"A log line as Loki has it. The derived fields of the task are tried on it, and it is an error if none matches. What they find is returned."}},
		{Name: "check_health", Type: option.Bool, Default: true, Doc: []string{
			"Whether Grafana is asked to test the data source. It takes one more request."}},
		{Name: "require_healthy", Type: option.Bool, Default: false, Doc: []string{
			"Whether it is an error if Grafana cannot reach the data source."}},
		{Name: "timeout", Type: option.Duration, Default: "1m", Doc: []string{
			"How long the whole task may take. A server that accepts a connection and does not answer is given 30 seconds of it."}},
	}
}

// The length is checked apart: as {0,251} it would take 0.2 MiB of memory of
// every task of any module.
var validObject = lazyregexp.Regexp{Expr: `^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`}

func checkObject(value any) error {
	if text, _ := value.(string); len(text) > validation.DNS1123SubdomainMaxLength || !validObject.Get().MatchString(text) {
		return fmt.Errorf("must be lowercase letters, digits, dots and hyphens")
	}
	return nil
}

var validLabel = lazyregexp.Regexp{Expr: `^[A-Za-z0-9][A-Za-z0-9./_-]*(=[A-Za-z0-9._-]*)?$`}

func checkLabel(value any) error {
	if text, _ := value.(string); !validLabel.Get().MatchString(text) {
		return fmt.Errorf("must be a label such as grafana_datasource=1")
	}
	return nil
}

// checkName knows Grafana's limit (pkg/services/datasources/service/datasource.go).
func checkName(value any) error {
	if text, _ := value.(string); text == "" || len(text) > 190 {
		return fmt.Errorf("must have 1 to 190 bytes")
	}
	return nil
}

var headerKey = lazyregexp.Regexp{Expr: `^httpHeaderName\d+$`}

// checkSettings refuses keys that have an option of their own.
func checkSettings(value any) error {
	for key := range value.(map[string]any) {
		if headerKey.Get().MatchString(key) {
			return fmt.Errorf("must not hold %s: use http_headers, which numbers headers and hides their values", key)
		}
		if slices.Contains(jsondata.Records, key) || key == loglink.Key {
			return fmt.Errorf("must not hold %s, which this module keeps for itself", key)
		}
	}
	return nil
}
