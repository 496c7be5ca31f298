// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// closed is an address at which nobody listens.
const closed = "127.0.0.1:1"

// tasks has a task of each module for servers that do not exist.
var tasks = map[string]options{
	"k8s_apply":       {"kubeconfig": kubeconfig(closed), "definition": "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"},
	"tempo_helm":      {"kubeconfig": kubeconfig(closed), "s3": s3},
	"traefik_tracing": {"kubeconfig": kubeconfig(closed), "endpoint": "http://tempo:4318/v1/traces"},
	"linkerd_tracing": {"kubeconfig": kubeconfig(closed)},
	"grafana_datasource": {"grafana_url": "https://" + closed, "grafana_user": "admin", "grafana_password": testkit.Canary + "pw", "name": "Tempo",
		"ds_type": "tempo", "ds_url": "http://tempo:3200"},
	"minio_tempo_bucket": {"endpoint": "https://" + closed, "access_key": "root", "secret_key": testkit.Canary + "key", "user_secret_key": testkit.Canary + "user"},
	"trace_probe":        {"endpoints": options{"query": "http://" + closed}, "wait_timeout": "1s"}, // such a proof needs no cluster
}

// irregular makes files that are not regular.
func irregular(t *testing.T) map[string]string {
	pipe := filepath.Join(t.TempDir(), "pipe.tgz")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	endless := filepath.Join(t.TempDir(), "endless.tgz")
	require.NoError(t, os.Symlink("/dev/zero", endless))
	return map[string]string{"a pipe": pipe, "a device": endless}
}

// patient are the limits where servers do answer: such a test is not about
// limits, and a loaded machine may be slow.
var patient = retry.Limits{Silence: time.Minute, Asked: time.Second}

// turns bounds how many runs with answering servers are under way at once.
var turns = make(chan struct{}, 32)

// begun starts a run whose own timeouts are widened: a loaded machine may be slow.
func begun(module string, with options) func(t *testing.T) string {
	with = maps.Clone(with)
	for name, bound := range map[string]string{"timeout": "60s", "wait_timeout": "10s"} {
		if _, set := with[name]; set {
			with[name] = bound
		}
	}
	return started(module, with)
}

// started starts a run and returns a function that waits for its message.
func started(module string, with options) func(t *testing.T) string {
	ending := make(chan ended, 1)
	go func() {
		turns <- struct{}{}
		defer func() { <-turns }()
		ending <- run(module, with, patient)
	}()
	return func(t *testing.T) string {
		select {
		case end := <-ending:
			require.Equal(t, true, end.result["failed"], "%v", end.result)
			return end.result["msg"].(string)
		case <-time.After(8 * time.Minute):
			require.Fail(t, "the run does not end")
			return ""
		}
	}
}

// written are the options that name a file to write.
var written = []string{"report"}

// Whatever a path leads to, no run waits for a writer, or reads a device
// without end.
func TestNoOptionBlocksOnAPipe(t *testing.T) {
	t.Parallel()
	runs := map[string]func(*testing.T) string{}
	for what, path := range irregular(t) {
		for module, base := range tasks {
			for _, row := range registry.Modules[module]().Options().Options {
				if row.Type != option.Path && row.Name != "kubeconfig" || slices.Contains(written, row.Name) {
					continue
				}
				with := maps.Clone(base)
				with[row.Name] = path
				runs[module+", "+row.Name+", "+what] = started(module, with)
			}
		}
	}
	for name, end := range runs {
		t.Run(name, func(t *testing.T) { end(t) })
	}
}

func TestFilesMustBeRegular(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module string
		with   func(path string) options
		says   string
	}{
		"manifests":              {"k8s_apply", func(path string) options { return options{"src": []any{path}, "definition": nil} }, "read the manifests: PATH is KIND, not a regular file"},
		"kubeconfig":             {"k8s_apply", func(path string) options { return options{"kubeconfig": path} }, "read kubeconfig PATH: PATH is KIND, not a regular file"},
		"CA of the API":          {"tempo_helm", func(path string) options { return options{"ca_cert": path} }, "read ca_cert of the Kubernetes API: PATH is KIND, not a regular file"},
		"key of the API":         {"traefik_tracing", func(path string) options { return options{"client_key": path, "client_cert": "/dev/null"} }, "not a regular file"},
		"token in a kubeconfig":  {"linkerd_tracing", func(path string) options { return options{"kubeconfig": withToken(path)} }, "read the token file of the Kubernetes API: PATH is KIND, not a regular file"},
		"CA of the object store": {"tempo_helm", func(path string) options { return options{"s3": withCA(path)} }, "read s3.ca_cert: PATH is KIND, not a regular file"},
		"CA of MinIO":            {"minio_tempo_bucket", func(path string) options { return options{"ca_cert": path} }, "read ca_cert: PATH is KIND, not a regular file"},
		"certificate for MinIO":  {"minio_tempo_bucket", func(path string) options { return options{"client_cert": path, "client_key": path} }, "read client_cert and client_key: PATH is KIND, not a regular file"},
		"CA of Grafana":          {"grafana_datasource", func(path string) options { return options{"ca_cert": path} }, "read ca_cert: PATH is KIND, not a regular file"},
		"CA of Traefik":          {"trace_probe", func(path string) options { return options{"url_ca_cert": path} }, "read url_ca_cert: PATH is KIND, not a regular file"},
	} {
		for what, path := range irregular(t) {
			t.Run(name+", "+what, func(t *testing.T) {
				with := maps.Clone(tasks[test.module])
				for key, value := range test.with(path) {
					with[key] = value
					if value == nil {
						delete(with, key)
					}
				}
				kind := map[string]string{"a pipe": "a named pipe", "a device": "a device"}[what]
				require.Contains(t, begun(test.module, with)(t), replaced(test.says, path, kind))
			})
		}
	}
}

// A chart on disk is read only after the cluster has been read.
func TestChartMustBeARegularFile(t *testing.T) {
	t.Parallel()
	cluster := empty(t)
	for what, path := range irregular(t) {
		t.Run(what, func(t *testing.T) {
			output := begun("tempo_helm", options{"kubeconfig": kubeconfig(cluster[len("http://"):]), "s3": s3, "mode": "monolithic", "chart_ref": path})(t)
			require.Contains(t, output, "not a regular file")
		})
	}
}

func withToken(path string) options {
	config := kubeconfig(closed)
	config["users"] = []any{options{"name": "u", "user": options{"tokenFile": path}}}
	return config
}

func withCA(path string) options {
	all := maps.Clone(s3)
	all["ca_cert"] = path
	return all
}

func replaced(text, path, kind string) string {
	return strings.NewReplacer("PATH", path, "KIND", kind).Replace(text)
}
