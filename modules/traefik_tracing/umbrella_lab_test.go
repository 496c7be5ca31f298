//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// umbrellaOf packs a chart infra around one of the lab's.
func umbrellaOf(t *testing.T, subchart, dependency string) []byte {
	t.Helper()
	response, err := http.Get(archive(t, subchart))
	require.NoError(t, err)
	defer response.Body.Close()
	packed, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var made bytes.Buffer
	zipped := gzip.NewWriter(&made)
	files := tar.NewWriter(zipped)
	for name, text := range map[string][]byte{"charts/" + subchart + ".tgz": packed,
		"Chart.yaml": []byte("apiVersion: v2\nname: infra\nversion: 0.1.0\ndependencies:\n- " + dependency + "\n")} {
		require.NoError(t, files.WriteHeader(&tar.Header{Name: "infra/" + name, Mode: 0o644, Size: int64(len(text))}))
		_, err = files.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, files.Close())
	require.NoError(t, zipped.Close())
	return made.Bytes()
}

// byHelm and byHelmChart install and upgrade an umbrella as users do.
func byHelm(t *testing.T, l lab, archive []byte, values string) {
	t.Helper()
	chart, err := helm.FromArchive(archive)
	require.NoError(t, err)
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, nil)
	client := helm.New(helm.Access{Config: l.Config, Loader: loader, Namespace: l.namespace, Secrets: l.clients.Core.Secrets(l.namespace)})
	deployment := helm.Deployment{Name: l.name, Chart: chart}
	if values == "" {
		require.NoError(t, client.Install(t.Context(), deployment))
		return
	}
	require.NoError(t, yaml.Unmarshal([]byte(values), &deployment.Values))
	require.NoError(t, client.Upgrade(t.Context(), deployment))
}

func byHelmChart(t *testing.T, l lab, archive []byte, values string) {
	t.Helper()
	if values != "" {
		l.patch(t, "helmcharts", map[string]any{"spec": map[string]any{"valuesContent": values}})
		return
	}
	chart := map[string]any{"apiVersion": "helm.cattle.io/v1", "kind": "HelmChart", "metadata": map[string]any{"name": l.name},
		"spec": map[string]any{"chartContent": base64.StdEncoding.EncodeToString(archive)}}
	status, answer := l.call(t, http.MethodPost, strings.TrimSuffix(l.charts("helmcharts"), "/"+l.name), "application/json", chart)
	require.Equal(t, http.StatusCreated, status, answer)
}

// Traefik's chart as a subchart: nothing is written, however it is installed. The values
// are shown for the place that passes them on, and once they are there, all is well.
func TestTraefikUnderAnUmbrella(t *testing.T) {
	t.Parallel()
	const refusal = "of chart infra-0.1.0, which brings Traefik's chart 39.0.7 as a subchart: settings that are made here would not reach Traefik"
	const plain, aliased = "{name: traefik, version: 39.0.7}", "{name: traefik, version: 39.0.7, alias: ingress}"
	cases := map[string]struct {
		reason     string
		put        func(t *testing.T, l lab, archive []byte, values string)
		dependency string
		key        string
	}{
		"Helm":             {"the user upgrades it", byHelm, plain, "traefik"},
		"Helm, alias":      {"no label names Traefik", byHelm, aliased, "ingress"},
		"HelmChart":        {"k3s upgrades it", byHelmChart, plain, "traefik"},
		"HelmChart, alias": {"k3s upgrades it, and no label names Traefik", byHelmChart, aliased, "ingress"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, archive := newLab(t), umbrellaOf(t, "traefik-39.0.7", c.dependency)
			c.put(t, l, archive, "")
			l.runs(t, l.name+"-"+c.key, c.key+"-39.0.7")
			var hint string
			for _, run := range []wire.Result{l.task(nil).Check(t), l.task(nil).Apply(t)} {
				require.Contains(t, testkit.Failed(t, run), refusal, c.reason)
				hint, _ = run["hint"].(string)
				require.Contains(t, hint, "\n"+c.key+":\n  ")
			}
			_, values, _ := strings.Cut(hint, "\n")
			c.put(t, l, archive, values)
			require.EventuallyWithT(t, func(inForce *assert.CollectT) {
				run := l.task(map[string]any{"wait": false}).Check(t)
				assert.Nil(inForce, run["failed"], "%v", run["msg"])
				assert.Equal(inForce, false, run["changed"], run["diff"])
			}, patience, time.Second)
			testkit.Unchanged(t, l.task(nil).Apply(t))
		})
	}
}
