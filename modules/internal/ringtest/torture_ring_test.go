// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/torture"
)

// tortured are the tasks whose requests are broken: install, change and removal of
// what each module manages in a cluster.
//
// The short form has the four that start from nothing and install no chart first.
func tortured() map[string]func(t *testing.T) torture.Scene {
	all := map[string]func(t *testing.T) torture.Scene{
		"tempo_helm": tempoScene,
		"tempo_helm, upgrade": func(t *testing.T) torture.Scene {
			return changed(t, tempoScene(t), map[string]any{"retention": "48h", "values": map[string]any{"replicas": 2}})
		},
		"tempo_helm, absent": func(t *testing.T) torture.Scene {
			return changed(t, tempoScene(t), map[string]any{"state": "absent", "s3": nil})
		},
		"traefik_tracing": edgeScene,
		"traefik_tracing, absent": func(t *testing.T) torture.Scene {
			return changed(t, edgeScene(t), map[string]any{"state": "absent"})
		},
		"linkerd_tracing": meshScene,
		"k8s_apply":       manifestScene,
		"k8s_apply, absent": func(t *testing.T) torture.Scene {
			return changed(t, manifestScene(t), map[string]any{"state": "absent"})
		},
		"grafana_datasource": fileScene,
	}
	if !torture.Long() {
		maps.DeleteFunc(all, func(name string, _ func(t *testing.T) torture.Scene) bool {
			return name == "linkerd_tracing" || strings.Contains(name, ", ")
		})
	}
	return all
}

// Whatever breaks in between, the run converges, or it says what was wrong and the
// next one converges.
func TestTorture(t *testing.T) {
	for name, scene := range tortured() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			torture.Suite{Name: name, New: scene}.Run(t)
		})
	}
}

// dies makes the holder of each lease in a namespace a process that does not exist.
func dies(cluster *testkit.Cluster, namespace string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		clients, err := kube.NewClients(cluster.Config)
		require.NoError(t, err)
		leases := clients.Coordination.Leases(namespace)
		found, err := leases.List(t.Context(), meta.ListOptions{})
		require.NoError(t, err)
		for _, lease := range found.Items {
			holder := strings.Fields(*lease.Spec.HolderIdentity)
			holder[1] = "999999999"
			lease.Spec.HolderIdentity = ptr.To(strings.Join(holder, " "))
			_, err = leases.Update(t.Context(), &lease, meta.UpdateOptions{})
			require.True(t, err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err), "%v", err) // it is given back just now
		}
	}
}

// busy is the timeout of runs beside many others.
const busy = "10m"

// changed applies the scene's task, and returns the scene with other options.
func changed(t *testing.T, scene torture.Scene, options map[string]any) torture.Scene {
	t.Helper()
	testkit.Changed(t, scene.Task.Apply(t))
	scene.Task = scene.Task.With(options)
	return scene
}

func tempoScene(t *testing.T) torture.Scene {
	t.Helper()
	r := newRelease(t)
	folder := filepath.Dir(r.Options["chart_ref"].(string))
	index := "apiVersion: v1\nentries: {tempo: [{name: tempo, version: 2.2.4, appVersion: 2.10.6, urls: [tempo-2.2.4.tgz]}]}\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "index.yaml"), []byte(index), 0o600))
	files := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(files.Close)
	charts := testkit.NewProxy(t, files.URL)
	task := r.With(map[string]any{"chart_ref": nil, "chart_repo_url": charts.URL, "chart_version": "2.2.4"})
	return torture.Scene{Task: task, Dies: dies(r.Cluster, r.namespace), Names: []string{r.namespace}, Servers: map[string]torture.Server{"API": r.Cluster, "charts": charts}}
}

func edgeScene(t *testing.T) torture.Scene {
	t.Helper()
	e := newEdge(t, `"--ping=true"`)
	return torture.Scene{Task: e.With(map[string]any{"method": "helmchartconfig"}), Names: []string{e.namespace}, Servers: map[string]torture.Server{"API": e.Cluster}}
}

func meshScene(t *testing.T) torture.Scene {
	t.Helper()
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	m := newMesh(t, r)
	return torture.Scene{Task: m.Task, Command: "helm rollback control", Dies: dies(r.Cluster, m.namespace), Names: []string{m.namespace, r.namespace}, Servers: map[string]torture.Server{"API": r.Cluster}}
}

func manifestScene(t *testing.T) torture.Scene {
	t.Helper()
	cluster, namespace := testkit.NewCluster(t), testkit.Name("ring-apply")
	named := func(kind, name string, more map[string]any) map[string]any {
		object := map[string]any{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": name}}
		maps.Copy(object, more)
		return object
	}
	task := testkit.Task{New: registry.Modules["k8s_apply"], Options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "namespace": namespace, "wait": false, "timeout": busy,
		"definition": []any{named("Namespace", namespace, nil), named("ConfigMap", "a", map[string]any{"data": map[string]any{"a": "b"}}), named("ServiceAccount", "b", nil)},
	}}
	return torture.Scene{Task: task, Names: []string{namespace}, Servers: map[string]torture.Server{"API": cluster}}
}

func fileScene(t *testing.T) torture.Scene {
	t.Helper()
	e := newEdge(t, `"--ping=true"`) // for its namespace
	e.apply(t, sidecar)
	task := testkit.Task{New: registry.Modules["grafana_datasource"], Options: map[string]any{
		"kubeconfig": e.Kubeconfig, "namespace": e.namespace, "name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200", "timeout": busy,
	}}
	return torture.Scene{Task: task, Names: []string{e.namespace}, Servers: map[string]torture.Server{"API": e.Cluster}}
}
