// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// options of a task.
type options = map[string]any

// endless is a module and a server that it talks to. Options returns a task's
// options for its address; they bound the run if the module can.
type endless struct {
	module  string
	options func(address string) options
	// within is what the module's documentation promises.
	within time.Duration
}

// mercy is what a loaded machine may add: a run that its module does not bound
// never ends.
const mercy = 3 * time.Minute

// short replaces retry.DefaultLimits, whose length is tested beside it: here the test is
// that every module keeps to its limits.
var short = retry.Limits{Silence: 2 * time.Second, Asked: time.Second}

// silence is how long a server may say nothing.
var silence = short.Silence

var s3 = options{"bucket": "traces", "endpoint": "store:9000", "access_key": "tempo", "secret_key": testkit.Canary + "key"}

// situations are named by module and server.
func situations(t *testing.T) map[string]endless {
	cluster, tempo := empty(t), ready(t)
	chart := func(more options) func(string) options {
		return func(address string) options {
			all := options{"kubeconfig": kubeconfig(strings.TrimPrefix(cluster, "http://")), "s3": s3, "mode": "monolithic", "wait_timeout": "1s"}
			for key, value := range more {
				if text, ok := value.(string); ok {
					value = strings.ReplaceAll(text, "ADDRESS", address)
				}
				all[key] = value
			}
			return all
		}
	}
	receiver := func(name, form string) func(string) options {
		return func(address string) options {
			return options{"endpoints": options{"query": tempo, name: fmt.Sprintf(form, address)}, "receivers": []any{name}, "timeout": "4s", "wait_timeout": "1s"}
		}
	}
	api := func(more options) func(string) options {
		return func(address string) options {
			all := options{"kubeconfig": kubeconfig(address)}
			maps.Copy(all, more)
			return all
		}
	}
	probing := options{"endpoints": options{"query": tempo}, "receivers": []any{}, "ingress_host": "web.example", "timeout": "4s", "wait_timeout": "1s"}
	with := func(key string, more options) func(string) options {
		return func(address string) options {
			all := maps.Clone(probing)
			maps.Copy(all, more)
			all[key] = "http://" + address
			return all
		}
	}
	config := options{"definition": "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}", "timeout": "2s", "wait_timeout": "3s"}
	return map[string]endless{
		"k8s_apply, API":                     {"k8s_apply", api(config), 2 * time.Second},
		"k8s_apply, API, by default":         {"k8s_apply", api(options{"definition": config["definition"]}), silence},
		"tempo_helm, API":                    {"tempo_helm", api(options{"s3": s3}), silence},
		"tempo_helm, repository":             {"tempo_helm", chart(options{"chart_repo_url": "http://ADDRESS", "chart_version": "1.24.4"}), silence},
		"tempo_helm, archive":                {"tempo_helm", chart(options{"chart_ref": "http://ADDRESS/tempo-1.24.4.tgz"}), silence},
		"tempo_helm, registry":               {"tempo_helm", chart(options{"chart_ref": "oci://ADDRESS/tempo", "chart_version": "1.24.4", "plain_http": true}), silence},
		"tempo_helm, registry, newest":       {"tempo_helm", chart(options{"chart_ref": "oci://ADDRESS/tempo", "plain_http": true}), silence},
		"tempo_helm, registry, with a login": {"tempo_helm", chart(options{"chart_ref": "oci://ADDRESS/tempo", "chart_version": "1.24.4", "plain_http": true, "chart_repo_username": "u", "chart_repo_password": testkit.Canary + "pw"}), silence},
		"traefik_tracing, API":               {"traefik_tracing", api(options{"endpoint": "http://tempo:4318/v1/traces", "timeout": "3s"}), 3 * time.Second},
		"traefik_tracing, API, by default":   {"traefik_tracing", api(options{"endpoint": "http://tempo:4318/v1/traces"}), silence},
		"linkerd_tracing, API":               {"linkerd_tracing", api(options{"timeout": "3s"}), 3 * time.Second},
		"linkerd_tracing, API, by default":   {"linkerd_tracing", api(nil), silence},
		"grafana_datasource, Grafana": {"grafana_datasource", func(address string) options {
			return options{"grafana_url": "http://" + address, "grafana_user": "admin", "grafana_password": testkit.Canary + "pw", "name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200", "timeout": "2s"}
		}, 2 * time.Second},
		"grafana_datasource, Grafana, by default": {"grafana_datasource", func(address string) options {
			return options{"grafana_url": "http://" + address, "grafana_user": "admin", "grafana_password": testkit.Canary + "pw", "name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200"}
		}, silence},
		"grafana_datasource, API": {"grafana_datasource", func(address string) options {
			return options{"kubeconfig": kubeconfig(address), "via": "configmap", "name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200", "timeout": "3s"}
		}, 3 * time.Second},
		"minio_tempo_bucket, MinIO": {"minio_tempo_bucket", func(address string) options {
			return options{"endpoint": "http://" + address, "access_key": "root", "secret_key": testkit.Canary + "key", "user_secret_key": testkit.Canary + "user", "timeout": "3s"}
		}, 3 * time.Second},
		"minio_tempo_bucket, MinIO, by default": {"minio_tempo_bucket", func(address string) options {
			return options{"endpoint": "http://" + address, "access_key": "root", "secret_key": testkit.Canary + "key", "user_secret_key": testkit.Canary + "user"}
		}, silence},
		"minio_tempo_bucket, without the admin API": {"minio_tempo_bucket", func(address string) options {
			return options{"endpoint": "http://" + address, "access_key": "root", "secret_key": testkit.Canary + "key", "admin": "none", "timeout": "3s"}
		}, 3 * time.Second},
		"trace_probe, API": {"trace_probe", api(options{"timeout": "3s"}), 3 * time.Second},
		"trace_probe, Tempo": {"trace_probe", func(address string) options {
			return options{"endpoints": options{"query": "http://" + address}, "timeout": "3s", "wait_timeout": "1s"}
		}, 3 * time.Second},
		"trace_probe, Tempo, by default": {"trace_probe", func(address string) options {
			return options{"endpoints": options{"query": "http://" + address}}
		}, silence},
		"trace_probe, OTLP by HTTP": {"trace_probe", receiver("otlp_http", "http://%s/v1/traces"), 4 * time.Second},
		"trace_probe, OTLP by gRPC": {"trace_probe", receiver("otlp_grpc", "%s"), 4 * time.Second},
		"trace_probe, Zipkin":       {"trace_probe", receiver("zipkin", "http://%s/api/v2/spans"), 4 * time.Second},
		"trace_probe, Traefik":      {"trace_probe", with("ingress_url", nil), 4 * time.Second},
		"trace_probe, Loki":         {"trace_probe", with("loki_url", options{"ingress_url": tempo}), 4 * time.Second},
		"trace_probe, Grafana": {"trace_probe", with("grafana_url", options{"ingress_url": tempo, "grafana_user": "admin", "grafana_password": testkit.Canary + "pw"}),
			4 * time.Second},
	}
}

// A server that accepts connections and does not answer delays no run longer
// than its documentation says. All run in parallel, since all they do is wait.
func TestEveryRunEnds(t *testing.T) {
	t.Parallel()
	servers := map[string]string{"says nothing": testkit.Mute(t), "drips its header": testkit.Dripping(t, true), "drips its body": testkit.Dripping(t, false),
		"sends a header": testkit.HeaderOnly(t)}
	results := map[string]chan ended{}
	situations := situations(t)
	for what, address := range servers {
		for name, one := range situations {
			ends := make(chan ended, 1)
			results[name+": "+what] = ends
			go func() { ends <- one.run(address) }()
		}
	}
	for name, ends := range results {
		one := situations[name[:strings.LastIndex(name, ": ")]]
		t.Run(name, func(t *testing.T) {
			end := <-ends
			require.Equal(t, true, end.result["failed"], "%v", end.result)
			require.LessOrEqual(t, end.took, one.within+mercy, "%v", end.result["msg"])
			require.NotEmpty(t, end.result["msg"])
			require.NotContains(t, end.output, testkit.Canary, "a secret was printed")
		})
	}
}

// ended is how a run ended.
type ended struct {
	result wire.Result
	output string
	took   time.Duration
}

func (e endless) run(address string) ended {
	return run(e.module, e.options(address), short)
}

func run(module string, with options, limits retry.Limits) ended {
	begin := time.Now()
	hide, log := &secret.Redactor{}, &bytes.Buffer{}
	request := wire.Request{Module: module, Options: with}
	result := registry.Modules[module]().Run(retry.WithLimits(context.Background(), limits), request, func(string) (string, bool) { return "", false }, hide, io.Discard)
	_ = result.Write(log, hide)
	return ended{result, log.String(), time.Since(begin)}
}

func kubeconfig(address string) options {
	return options{
		"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"clusters": []any{options{"name": "c", "cluster": options{"server": "http://" + address}}},
		"contexts": []any{options{"name": "c", "context": options{"cluster": "c", "user": "u"}}},
		"users":    []any{options{"name": "u", "user": options{}}},
	}
}

// lists maps resources to the kinds of their lists.
var lists = map[string]string{"secrets": "SecretList", "services": "ServiceList", "configmaps": "ConfigMapList", "pods": "PodList", "nodes": "NodeList",
	"deployments": "DeploymentList", "statefulsets": "StatefulSetList"}

// empty starts the API server of an empty cluster.
func empty(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if kind, ok := lists[path.Base(r.URL.Path)]; ok {
			version := "apps/v1"
			if strings.HasPrefix(r.URL.Path, "/api/v1") {
				version = "v1"
			}
			_, _ = fmt.Fprintf(w, `{"kind":%q,"apiVersion":%q,"metadata":{},"items":[]}`, kind, version)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"NotFound","code":404,"message":"not found"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ready starts a Tempo that hands out no traces, so that no proof waits for one.
func ready(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ready":
			_, _ = io.WriteString(w, "ready")
		case "/": // it stands for Traefik too
		case "/status/version":
			_, _ = io.WriteString(w, "tempo, version 2.10.8 (branch: HEAD, revision: 1)")
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
