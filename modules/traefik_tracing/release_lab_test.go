//go:build lab

// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// A plain Helm release: four runs, exactly the flags, and its own values
// restored, without any repository.
func TestHelmRelease(t *testing.T) {
	t.Parallel()
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
			l.release(t, version, own)
			result := testkit.FourRuns(t, l.task(map[string]any{"method": "auto"}))
			require.Equal(t, "helm", result["method"])
			require.Equal(t, c.field, result["trace_id_field"])
			args, _ := l.about(t)
			require.ElementsMatch(t, append(c.flags, logFlags...), args)

			testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
			require.Equal(t, own, l.values(t))
			_, err := l.clients.Core.ConfigMaps(l.namespace).Get(t.Context(), l.name+"-tracing-record", meta.GetOptions{})
			require.Error(t, err, "the record is gone")
		})
	}
}

// The user upgrades the release from v2 to v3 with a values file of their own,
// which does not have the settings: they come back in their new form.
func TestHelmReleaseMovesToV3(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own := map[string]any{"additionalArguments": []any{"--ping=true"}}
	l.release(t, "27.0.2", own)
	testkit.FourRuns(t, l.task(nil))

	l.release(t, "41.3.0", own)
	testkit.FourRuns(t, l.task(nil))
	args, env := l.about(t)
	require.ElementsMatch(t, append(otlpFlags, logFlags...), args)
	require.Equal(t, v39Variables, env)
	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	require.Equal(t, own, l.values(t))
}

// A run that is killed while Helm upgrades leaves its revision pending, and the next
// one continues from there once no other run can be at work.
func TestHelmReleaseAfterARunThatWasKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own := map[string]any{"additionalArguments": []any{"--ping=true"}}
	l.release(t, "41.3.0", own)
	testkit.Changed(t, l.task(nil).Apply(t))
	other := l.task(map[string]any{"sample_rate": 0.5})
	testkit.Changed(t, other.Apply(t))

	testkit.CutOff(t, l.clients.Core.Secrets(l.namespace), l.name, time.Minute)
	refused := other.Apply(t)
	require.Contains(t, testkit.Failed(t, refused), "revision 3 is pending-upgrade")

	testkit.CutOff(t, l.clients.Core.Secrets(l.namespace), l.name, 2*time.Hour)
	testkit.FourRuns(t, other)
	testkit.CutOff(t, l.clients.Core.Secrets(l.namespace), l.name, 2*time.Hour)
	testkit.FourRuns(t, l.task(map[string]any{"state": "absent"}))
	require.Equal(t, own, l.values(t))
}

// release installs Traefik, or upgrades it, and waits for its pods.
func (l lab) release(t *testing.T, version string, values map[string]any) {
	t.Helper()
	l.helm(t, l.name, "traefik", version, values)
	l.ready(t, "traefik-"+version)
}

// installTempo installs the monolithic chart, with Tempo 2.10.8.
func (l lab) installTempo(t *testing.T, values map[string]any) {
	t.Helper()
	l.helm(t, "tempo", "tempo", "2.2.4", values)
}

// helm installs a release of one of the lab's charts, or upgrades an existing
// one.
func (l lab) helm(t *testing.T, release, name, version string, values map[string]any) {
	t.Helper()
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, nil)
	client := helm.New(helm.Access{Config: l.Config, Loader: loader, Namespace: l.namespace, Secrets: l.clients.Core.Secrets(l.namespace)})
	chart, err := helm.Source{Ref: archive(t, name+"-"+version)}.Load(t.Context())
	require.NoError(t, err)
	releases, err := l.clients.Core.Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm,name=" + release})
	require.NoError(t, err)
	deploy := client.Install
	if len(releases.Items) > 0 {
		deploy = client.Upgrade
	}
	require.NoError(t, deploy(t.Context(), helm.Deployment{Name: release, Chart: chart, Values: values}))
}

// values are the newest revision's, as Helm stores them.
func (l lab) values(t *testing.T) map[string]any {
	t.Helper()
	secrets, err := l.clients.Core.Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm,name=" + l.name})
	require.NoError(t, err)
	releases, err := helm.FromSecrets(secrets.Items)
	require.NoError(t, err)
	return releases[0].Values
}

// A run that finds nothing to do reads what it must and no more, whether the
// endpoint is given or read from Tempo's Services.
func TestWarmRunMakesFewRequests(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		method  string
		options map[string]any
		most    int
	}{
		"helmchartconfig":                 {"HelmCharts, workloads, the config", "helmchartconfig", nil, 4},
		"helm":                            {"the release and its record instead", "helm", nil, 5},
		"helmchartconfig, no Tempo given": {"and Tempo's Services", "helmchartconfig", map[string]any{"endpoints": nil, "tempo_namespace": "NAMESPACE"}, 5},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if c.method == "helm" {
				l.release(t, "41.3.0", nil)
			} else {
				l.install(t, "41.4.2+up41.4.0", "", nil)
			}
			l.tempo(t, map[string]string{"app.kubernetes.io/component": "distributor"}, 4318)
			options := maps.Clone(c.options)
			if options["tempo_namespace"] != nil {
				options["tempo_namespace"] = l.namespace
			}
			result := testkit.Changed(t, l.task(options).Apply(t))
			if c.options != nil {
				require.Equal(t, "http://tempo."+l.namespace+".svc.cluster.local:4318/v1/traces", result["endpoint"])
			}
			l.Requests()
			testkit.Unchanged(t, l.task(options).Apply(t))
			requests := l.Requests()
			require.LessOrEqual(t, len(requests), c.most, "%s: %v", c.reason, requests)
		})
	}
}

// tempo creates a Service of Tempo, as its charts do.
func (l lab) tempo(t *testing.T, labels map[string]string, port int32) {
	t.Helper()
	service := &core.Service{ObjectMeta: meta.ObjectMeta{Name: "tempo", Labels: map[string]string{
		"app.kubernetes.io/name": "tempo", "app.kubernetes.io/instance": "tempo"}},
		Spec: core.ServiceSpec{Ports: []core.ServicePort{{Port: port}}}}
	maps.Copy(service.Labels, labels)
	_, err := l.clients.Core.Services(l.namespace).Create(t.Context(), service, meta.CreateOptions{})
	require.NoError(t, err)
}
