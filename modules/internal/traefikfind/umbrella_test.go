// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

func TestUmbrellaOf(t *testing.T) {
	passing := func(name, key string) helm.Chart {
		return helm.Chart{Name: name, Version: "0.1.0", Keys: map[string]string{"traefik": key, "loki": "loki"}, Subcharts: []string{"traefik", key, "loki"}}
	}
	two := passing("infra", "public")
	two.Subcharts = append(two.Subcharts, "traefik", "private-1")
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		label  string
		want   Umbrella
		ok     bool
	}{
		"Traefik's own":      {"its values are Traefik's", helm.Chart{Name: "traefik", Version: "39.0.7"}, "traefik-39.0.7", Umbrella{Chart: "traefik-39.0.7"}, false},
		"umbrella":           {"Traefik's chart is among its subcharts", passing("infra", "traefik"), "traefik-39.0.7", Umbrella{"infra-0.1.0", "traefik"}, true},
		"alias":              {"the key is the alias", passing("infra", "ingress"), "ingress-39.0.7", Umbrella{"infra-0.1.0", "ingress"}, true},
		"alias of two":       {"the alias of this workload", two, "private-1-39.0.7-rc.1", Umbrella{"infra-0.1.0", "private-1"}, true},
		"alias, deeper":      {"its label has another chart", helm.Chart{Name: "infra", Version: "0.1.0"}, "ingress-39.0.7", Umbrella{Chart: "infra-0.1.0"}, true},
		"of the same name":   {"as charts in GitOps repositories are often named", passing("traefik", "traefik"), "traefik-39.0.7", Umbrella{"traefik-0.1.0", "traefik"}, true},
		"deeper":             {"a subchart of a subchart", helm.Chart{Name: "infra", Version: "0.1.0"}, "traefik-39.0.7", Umbrella{Chart: "infra-0.1.0"}, true},
		"a chart like it":    {"a fork has its own name", helm.Chart{Name: "rke2-traefik", Version: "39.0.7"}, "rke2-traefik-39.0.7", Umbrella{Chart: "rke2-traefik-39.0.7"}, false},
		"not known":          {"the record was not read", helm.Chart{}, "traefik-39.0.7", Umbrella{}, false},
		"a record of an old": {"without the label", helm.Chart{Name: "mine", Version: "1.0.0"}, "", Umbrella{Chart: "mine-1.0.0"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := UmbrellaOf(helm.Release{Chart: c.chart}, Workload{Chart: c.label})
			require.Equal(t, c.ok, ok, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestValuesOfAnUmbrella(t *testing.T) {
	u := Umbrella{"infra-0.1.0", "ingress"}
	require.Equal(t, map[string]any{"a": "b"}, u.Passed(map[string]any{"ingress": map[string]any{"a": "b"}, "traefik": "x"}))
	require.Equal(t, map[string]any{}, u.Passed(nil))
	require.Equal(t, "ingress:\n  a:\n    b: c\n", u.Paste("a:\n  b: c\n"))
	require.Equal(t, "# the key of its subchart:\n  a: b\n", Umbrella{Chart: "infra-0.1.0"}.Paste("a: b\n"))
}

func TestForeignChart(t *testing.T) {
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		label  string
		want   bool
	}{
		"Traefik's own":     {"Traefik's own chart", helm.Chart{Name: "traefik", Version: "39.0.7"}, "traefik-39.0.7", false},
		"a fork":            {"RKE2 packs it under its own name", helm.Chart{Name: "rke2-traefik", Version: "39.0.7"}, "rke2-traefik-39.0.7", false},
		"umbrella":          {"its values pass on Traefik's", helm.Chart{Name: "infra", Version: "0.1.0", Keys: map[string]string{"traefik": "ingress"}, Subcharts: []string{"traefik", "ingress"}}, "ingress-39.0.7", false},
		"runs one for jobs": {"dask-gateway has a proxy in its own templates", helm.Chart{Name: "dask-gateway", Version: "2024.1.0"}, "dask-gateway-2024.1.0", true},
		"not known":         {"the record was not read", helm.Chart{}, "ingress-39.0.7", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, Strange(helm.Release{Chart: c.chart}, Workload{Chart: c.label}), c.reason)
		})
	}
}

func TestVersionInALabel(t *testing.T) {
	for label, want := range map[string]string{
		"traefik-39.0.701_up39.0.7":  "39.0.701+up39.0.7",
		"ingress-39.0.7":             "39.0.7",
		"edge-2-proxy-40.0.0-ea.1":   "40.0.0-ea.1",
		"rke2-traefik-37.1.2":        "37.1.2",
		"traefik-custom":             "custom",
		"":                           "",
		"my-v3-traefik-1.0.0-0.20.0": "1.0.0-0.20.0",
	} {
		require.Equal(t, want, Workload{Chart: label}.ChartVersion(), label)
	}
}

func TestHelmChartsThatBringTraefik(t *testing.T) {
	inline := helmChart("edge", "", "")
	inline.Spec.ChartContent = "H4sI"
	bundled := helmChart("rke2-traefik", "", "")
	bundled.Spec.ChartContent, bundled.Annotations = "H4sI", map[string]string{chartURL: "https://x/traefik-39.0.7.tgz"}
	umbrella := helmChart("edge", "oci://registry.example/charts/infra", "")
	umbrella.Spec.Version = "0.1.0"
	fork := helmChart("edge", "my-traefik", "")
	fork.Spec.Version = "39.0.8"
	cases := map[string]struct {
		reason  string
		chart   kube.HelmChart
		label   string
		want    bool
		version string
	}{
		"k3s":                {"its own archive", helmChart("traefik", k3sChart, ""), "traefik-39.0.7", false, "39.0.701+up39.0.7"},
		"inline":             {"only the release shows what is in it", inline, "traefik-39.0.7", true, "39.0.7"},
		"inline, with a URL": {"the URL says what it is", bundled, "traefik-39.0.7", false, "39.0.7"},
		"umbrella":           {"the version is the umbrella's", umbrella, "traefik-39.0.7", true, "39.0.7"},
		"umbrella, alias":    {"neither has Traefik's name", umbrella, "ingress-39.0.7", true, "39.0.7"},
		"fork":               {"the label has its name", fork, "my-traefik-39.0.7", false, "39.0.8"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, Brings(&c.chart, Workload{Chart: c.label}), c.reason)
			require.Equal(t, c.version, ChartVersion(&c.chart, Workload{Chart: c.label}), c.reason)
		})
	}
}
