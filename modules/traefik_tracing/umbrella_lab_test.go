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

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// umbrellaOf packs a chart infra around one of the lab's.
func umbrellaOf(t *testing.T, subchart string) []byte {
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
		"Chart.yaml": []byte("apiVersion: v2\nname: infra\nversion: 0.1.0\ndependencies:\n- {name: traefik, version: 39.0.7}\n")} {
		require.NoError(t, files.WriteHeader(&tar.Header{Name: "infra/" + name, Mode: 0o644, Size: int64(len(text))}))
		_, err = files.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, files.Close())
	require.NoError(t, zipped.Close())
	return made.Bytes()
}

// Traefik's chart as a subchart: nothing is written, however it is installed, and the
// values are shown for the place that passes them on.
func TestTraefikUnderAnUmbrella(t *testing.T) {
	t.Parallel()
	const told = "of chart infra-0.1.0, which brings Traefik's chart 39.0.7 as a subchart: settings that are made here would not reach Traefik"
	archive := umbrellaOf(t, "traefik-39.0.7")
	cases := map[string]struct {
		reason  string
		install func(*testing.T, lab)
	}{
		"Helm": {"the user upgrades it", func(t *testing.T, l lab) {
			chart, err := helm.FromArchive(archive)
			require.NoError(t, err)
			loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, nil)
			client := helm.New(helm.Access{Config: l.Config, Loader: loader, Namespace: l.namespace, Secrets: l.clients.Core.Secrets(l.namespace)})
			require.NoError(t, client.Install(t.Context(), helm.Deployment{Name: l.name, Chart: chart}))
		}},
		"HelmChart": {"k3s upgrades it", func(t *testing.T, l lab) {
			chart := map[string]any{"apiVersion": "helm.cattle.io/v1", "kind": "HelmChart", "metadata": map[string]any{"name": l.name},
				"spec": map[string]any{"chartContent": base64.StdEncoding.EncodeToString(archive)}}
			status, answer := l.call(t, http.MethodPost, strings.TrimSuffix(l.charts("helmcharts"), "/"+l.name), "application/json", chart)
			require.Equal(t, http.StatusCreated, status, answer)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.install(t, l)
			l.ready(t, "traefik-39.0.7")
			for _, run := range []wire.Result{l.task(nil).Check(t), l.task(nil).Apply(t)} {
				require.Contains(t, testkit.Failed(t, run), told, c.reason)
				require.Contains(t, run["hint"], "traefik:\n  ")
			}
		})
	}
}
