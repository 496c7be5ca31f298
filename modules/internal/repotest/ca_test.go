// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// system is the only CA that this host trusts while the tests run: Go reads
// SSL_CERT_FILE once per process.
var system authority

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "ca")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		system = newAuthority()
		file := filepath.Join(folder, "system.pem")
		if err := os.WriteFile(file, []byte(system.pem), 0o600); err != nil {
			panic(err)
		}
		_ = os.Setenv("SSL_CERT_FILE", file)
		_ = os.Setenv("SSL_CERT_DIR", folder)
		return testkit.RunWaiting(m, 8)
	}())
}

// trusting are tasks whose server is ADDRESS, with the option that takes its CA.
func trusting(t *testing.T) map[string]struct {
	module, option string
	options        options
} {
	chart := options{"kubeconfig": kubeconfig(strings.TrimPrefix(empty(t), "http://")), "s3": s3, "mode": "monolithic", "wait_timeout": "1s"}
	tempo := ready(t)
	proof := options{"endpoints": options{"query": tempo}, "receivers": []any{}, "ingress_host": "web.example", "timeout": "4s", "wait_timeout": "1s"}
	with := func(base, more options) options {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	receiver := func(name, address string) options {
		return options{"endpoints": options{"query": tempo, name: address}, "receivers": []any{name}, "timeout": "4s", "wait_timeout": "1s"}
	}
	return map[string]struct {
		module, option string
		options        options
	}{
		"Tempo":        {"trace_probe", "url_ca_cert", options{"endpoints": options{"query": "https://ADDRESS"}, "timeout": "4s", "wait_timeout": "1s"}},
		"OTLP by HTTP": {"trace_probe", "url_ca_cert", receiver("otlp_http", "https://ADDRESS/v1/traces")},
		"OTLP by gRPC": {"trace_probe", "url_ca_cert", receiver("otlp_grpc", "https://ADDRESS")},
		"Zipkin":       {"trace_probe", "url_ca_cert", receiver("zipkin", "https://ADDRESS/api/v2/spans")},
		"Traefik":      {"trace_probe", "url_ca_cert", with(proof, options{"ingress_url": "https://ADDRESS"})},
		"Loki":         {"trace_probe", "url_ca_cert", with(proof, options{"ingress_url": tempo, "loki_url": "https://ADDRESS"})},
		"Grafana of trace_probe": {"trace_probe", "grafana_ca_cert", with(proof, options{"ingress_url": tempo, "grafana_url": "https://ADDRESS",
			"grafana_user": "admin", "grafana_password": testkit.Canary + "pw"})},
		"repository": {"tempo_helm", "chart_repo_ca_cert", with(chart, options{"chart_repo_url": "https://ADDRESS", "chart_version": "1.24.4"})},
		"archive":    {"tempo_helm", "chart_repo_ca_cert", with(chart, options{"chart_ref": "https://ADDRESS/tempo-1.24.4.tgz"})},
		"registry":   {"tempo_helm", "chart_repo_ca_cert", with(chart, options{"chart_ref": "oci://ADDRESS/tempo", "chart_version": "1.24.4"})},
		"Grafana": {"grafana_datasource", "ca_cert", options{"grafana_url": "https://ADDRESS", "grafana_user": "admin", "grafana_password": testkit.Canary + "pw",
			"name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200", "timeout": "4s"}},
		"MinIO": {"minio_tempo_bucket", "ca_cert", options{"endpoint": "https://ADDRESS", "access_key": "root", "secret_key": testkit.Canary + "key",
			"user_secret_key": testkit.Canary + "user", "timeout": "4s"}},
	}
}

// A CA that a task gives is trusted in addition to those of the host, for every
// server; without it only the host's are.
func TestGivenCAIsAddedToThoseOfTheHost(t *testing.T) {
	t.Parallel()
	given := newAuthority()
	type attempt struct {
		end      func(*testing.T) string
		requests *atomic.Int32
		trusted  bool
	}
	attempts := map[string]attempt{}
	for name, test := range trusting(t) {
		for what, one := range map[string]struct {
			server  authority
			ca      string
			trusted bool
		}{
			"a server of the host's CA":                {system, "", true},
			"a server of the host's CA, another given": {system, given.pem, true},
			"a server of the given CA":                 {given, given.pem, true},
			"a server of another CA":                   {given, "", false},
		} {
			address, requests := one.server.refusing(t)
			task := addressed(test.options, address).(options)
			if one.ca != "" {
				task[test.option] = one.ca
			}
			attempts[name+": "+what] = attempt{begun(test.module, task), requests, one.trusted}
		}
	}
	for name, one := range attempts {
		t.Run(name, func(t *testing.T) {
			output := one.end(t)
			require.Equal(t, one.trusted, one.requests.Load() > 0, output)
		})
	}
}

// Kubernetes clients trust only the cluster's own CA (k8s.io/client-go,
// transport/transport.go, rootCertPool).
func TestClusterCAReplacesThoseOfTheHost(t *testing.T) {
	t.Parallel()
	given := newAuthority()
	for name, test := range map[string]struct {
		server  authority
		trusted bool
	}{"a server of the given CA": {given, true}, "a server of the host's CA": {system, false}} {
		t.Run(name, func(t *testing.T) {
			address, requests := test.server.refusing(t)
			output := begun("k8s_apply", options{"host": "https://" + address, "api_key": testkit.Canary + "token", "ca_cert": given.pem,
				"definition": "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}", "timeout": "4s"})(t)
			require.Equal(t, test.trusted, requests.Load() > 0, output)
		})
	}
}

// addressed replaces ADDRESS in all strings of a task.
func addressed(value any, address string) any {
	switch value := value.(type) {
	case string:
		return strings.ReplaceAll(value, "ADDRESS", address)
	case options:
		all := options{}
		for key, inner := range value {
			all[key] = addressed(inner, address)
		}
		return all
	}
	return value
}

// elsewhere are the options with a CA that the test above leaves out, and what
// their documentation says.
var elsewhere = map[string]string{
	// The same code as tempo_helm's, but it needs a Linkerd.
	"linkerd_tracing.chart_repo_ca_cert": "trusted in addition to those of that host",
	// The configuration of the package certificate, but it needs a Traefik.
	"traefik_tracing.url_ca_cert": "trusted in addition to those of that host",
	"ca_cert of the API":          "instead of those of that host",
	// Others decide what these do: grafana/dskit crypto/tls/tls.go, GetTLSConfig,
	// and grafana/grafana-plugin-sdk-go backend/httpclient, GetTLSConfig.
	"tempo_helm.s3.ca_cert":          "instead of those in its image",
	"grafana_datasource.tls_ca_cert": "instead of those of its host",
}

func TestEveryCAOptionDocumentsWhetherItIsAdded(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, test := range trusting(t) {
		tried[test.module+"."+test.option] = true
	}
	for module, made := range registry.Modules {
		for path, row := range authorities("", made().Options().Options) {
			want := elsewhere[module+"."+path]
			switch {
			case tried[module+"."+path]:
				want = "trusted in addition to those of that host"
			case want == "":
				want = elsewhere["ca_cert of the API"]
			}
			require.Contains(t, strings.Join(row.Doc, " "), want, "%s: %s", module, path)
		}
	}
}

// authorities are the options that take a CA, by their paths.
func authorities(prefix string, rows []option.Option) map[string]option.Option {
	all := map[string]option.Option{}
	for _, row := range rows {
		if strings.HasSuffix(row.Name, "ca_cert") {
			all[prefix+row.Name] = row
		}
		maps.Copy(all, authorities(prefix+row.Name+".", row.Suboptions))
	}
	return all
}
