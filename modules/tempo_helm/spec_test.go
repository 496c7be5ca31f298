// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomode"
)

// asked are the minimum options of a task, after a change.
func asked(change func(*Args)) Args {
	args := Args{State: present, Release: "tempo", Namespace: "tracing", Mode: tempomode.Microservices, ChartVersion: "2.26.2", WaitTimeout: 10 * time.Minute, Wait: true,
		Config: tempochart.Config{Search: true, S3: tempochart.S3{Bucket: "b", Endpoint: "s3:9000", AccessKey: "tempo", SecretKey: secret.NewText("hunter2hunter2")}}}
	if change != nil {
		change(&args)
	}
	return args
}

func TestSpec(t *testing.T) {
	cases := map[string]struct {
		reason  string
		change  func(*Args)
		chart   string
		refused string
	}{
		"microservices": {"the chart of the mode", nil, "tempo-distributed", ""},
		"monolithic":    {"the chart of the mode", func(a *Args) { a.Mode, a.ChartVersion = tempomode.Monolithic, "2.2.4" }, "tempo", ""},
		"archive":       {"its name contains the version, too", func(a *Args) { a.ChartRef = "https://charts.example.com/tempo-1.24.4.tgz" }, "tempo", ""},
		"distributed":   {"the longer chart name", func(a *Args) { a.ChartRef = "https://charts.example.com/tempo-distributed-2.26.2.tgz" }, "tempo-distributed", ""},
		"no version":    {"the name of an archive may lack a version", func(a *Args) { a.ChartRef = "charts/tempo.tgz" }, "tempo", ""},
		"any archive":   {"only the chart itself shows it", func(a *Args) { a.ChartRef = "charts/mine.tgz" }, "", ""},
		"registry":      {"the last part of the reference", func(a *Args) { a.ChartRef = "oci://registry.example.com/charts/tempo" }, "tempo", ""},
		"absent":        {"removal needs no credentials", func(a *Args) { a.State, a.S3 = absent, tempochart.S3{} }, "tempo-distributed", ""},
		"local": {"a volume needs no store", func(a *Args) {
			a.Mode, a.ChartVersion, a.S3, a.Storage = tempomode.Monolithic, "2.2.4", tempochart.S3{}, tempochart.LocalStorage
		}, "tempo", ""},
		"local, pods": {"they cannot share a volume", func(a *Args) { a.S3, a.Storage = tempochart.S3{}, tempochart.LocalStorage }, "tempo-distributed", "chart tempo-distributed-2.26.2: storage: local is for all of Tempo in one pod"},
		"no store":    {"there is no volume either", func(a *Args) { a.S3 = tempochart.S3{} }, "tempo-distributed", "s3 is required when state is present and storage is s3"},
		"no keys":     {"Tempo could not log in", func(a *Args) { a.S3.SecretKey = secret.Text{} }, "tempo-distributed", "s3: access_key and secret_key are both required unless existing_secret is given"},
		"both":        {"one of them would have no effect", func(a *Args) { a.S3.ExistingSecret = "mine" }, "tempo-distributed", "s3: give either access_key and secret_key, or existing_secret"},
		"no kafka":    {"before any request", func(a *Args) { a.ChartVersion = "3.3.0" }, "tempo-distributed", "chart tempo-distributed-3.3.0: Tempo 3 in microservices mode stores nothing without a Kafka broker"},
		"a range":     {"the repository determines the version", func(a *Args) { a.ChartVersion = "~3.3.0" }, "tempo-distributed", ""},
		"a folder":    {"its Chart.yaml has the version", func(a *Args) { a.ChartRef, a.ChartVersion = "charts/tempo-distributed", "3.3.0" }, "tempo-distributed", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			spec, err := Module{}.Spec(asked(test.change))
			require.Equal(t, test.chart, spec.ChartName, test.reason)
			if test.refused == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.refused, test.reason)
		})
	}
}

func TestTimeoutIncludesTheWaits(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Args)
		want   time.Duration
	}{
		"waits":           {"once for the workloads, once for the flush before", nil, 25 * time.Minute},
		"waits for none":  {"only the rest", func(a *Args) { a.Wait = false }, 15 * time.Minute},
		"atomic":          {"once more for the rollback", func(a *Args) { a.Atomic = true }, 35 * time.Minute},
		"removes":         {"for the deletion", func(a *Args) { a.State, a.Wait = absent, false }, 15 * time.Minute},
		"removes all":     {"the namespace is deleted after the release", func(a *Args) { a.State, a.RemoveSpace = absent, true }, 25 * time.Minute},
		"absent, claimed": {"atomic does not matter then", func(a *Args) { a.State, a.Atomic = absent, true }, 15 * time.Minute},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, Spec{Args: asked(test.change)}.Timeout(), test.reason)
		})
	}
}

// There is nothing to choose for a release that will be removed.
func TestNothingIsChosenForARemoval(t *testing.T) {
	spec, err := Module{}.Spec(asked(func(a *Args) { a.State, a.Mode, a.ChartVersion, a.Resources = absent, tempomode.Auto, "", "auto" }))
	require.NoError(t, err)
	status := Status{Release: helm.Release{Status: helm.Deployed, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}}
	require.NoError(t, (&client{}).choose(t.Context(), spec, &status))
	require.Equal(t, tempomode.Choice{}, status.Choice)
}

// A Prometheus that was found counts as if the task had given it.
func TestServiceGraphEnablesTheMetricsGenerator(t *testing.T) {
	spec, err := Module{}.Spec(asked(func(a *Args) { a.ServiceGraph, a.Replicas = true, map[string]int64{"metrics_generator": 1} }))
	require.NoError(t, err, "replicas of a component that exists by service_graph alone")
	const url = "http://prometheus-server.monitoring.svc.cluster.local:80/api/v1/write"
	r := &reader{graph: &prometheus.Target{Server: "monitoring/prometheus-server", WriteURL: url, Unsure: errors.New("forbidden")}}
	var status Status
	require.NoError(t, r.serviceGraph(t.Context(), spec, &status))
	require.Equal(t, &tempochart.MetricsGenerator{RemoteWriteURL: url, Processors: []string{"service-graphs", "span-metrics"}}, spec.graphing(status.Graph).MetricsGenerator)
	require.Nil(t, spec.MetricsGenerator, "the spec itself is unchanged")

	var p plan.Plan
	status.Graph.Warn(&p)
	require.Equal(t, []string{"it is not known whether Prometheus monitoring/prometheus-server takes metrics by remote write, which the service graph needs: forbidden"}, p.Warnings)

	spec.State = absent
	require.Nil(t, spec.graphing(status.Graph).MetricsGenerator, "nothing is derived from it any more")
}

// What was chosen counts as if the task had asked for it.
func TestChosen(t *testing.T) {
	spec, err := Module{}.Spec(asked(func(a *Args) { a.Mode, a.ChartVersion, a.Resources = tempomode.Auto, "", "auto" }))
	require.NoError(t, err)
	status := Status{Release: helm.Release{Status: helm.Deployed, Chart: helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}}, Nodes: []core.Node{}}
	require.NoError(t, (&client{}).choose(t.Context(), spec, &status))
	chosen := spec.chosen(status.Choice)
	require.Equal(t, []string{"monolithic", "tempo", "tempo", "2.2.4", "raspberrypi"},
		[]string{chosen.Mode, chosen.ChartName, chosen.Source.Ref, chosen.Source.Version, chosen.Resources})
}
