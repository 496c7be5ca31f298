//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// A plain Helm release: four runs, exactly the flags, and its own values back,
// without any repository.
func TestHelmRelease(t *testing.T) {
	cases := map[string]struct {
		flags []string
		field string
	}{
		"20.3.1": {zipkinFlags, "request_X-B3-Traceid"},
		"41.3.0": {otlpFlags, "trace_id"},
	}
	for version, c := range cases {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			own := map[string]any{"additionalArguments": []any{"--ping=true"}}
			client := l.release(t, version, own)
			result := testkit.FourRuns(t, l.task(map[string]any{"method": "auto"}))
			require.Equal(t, "helm", result["method"])
			require.Equal(t, c.field, result["trace_id_field"])
			args, _ := l.about(t)
			require.ElementsMatch(t, append(c.flags, logFlags...), args)

			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			require.Equal(t, own, l.values(t))
			_, err := l.clients.Core.ConfigMaps(l.namespace).Get(t.Context(), l.name+"-tracing-record", meta.GetOptions{})
			require.Error(t, err, "the record is gone")
			require.NoError(t, client.Uninstall(l.name, halfMinute))
		})
	}
}

func (l lab) release(t *testing.T, version string, values map[string]any) *helm.Client {
	t.Helper()
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, nil)
	client := helm.New(helm.Access{Config: l.Config, Loader: loader, Namespace: l.namespace, Secrets: l.clients.Core.Secrets(l.namespace)})
	chart, err := helm.Source{Ref: archive(t, version)}.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, client.Install(t.Context(), helm.Deployment{Name: l.name, Chart: chart, Values: values}))
	l.ready(t, "traefik-"+version)
	return client
}

// values are the newest revision's, as Helm keeps them.
func (l lab) values(t *testing.T) map[string]any {
	t.Helper()
	secrets, err := l.clients.Core.Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm,name=" + l.name})
	require.NoError(t, err)
	releases, err := helm.FromSecrets(secrets.Items)
	require.NoError(t, err)
	return releases[0].Values
}
