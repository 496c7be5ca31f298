// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestAChartThatBringsTraefiks(t *testing.T) {
	passing := func(name, key string) helm.Chart {
		return helm.Chart{Name: name, Version: "0.1.0", Keys: map[string]string{"traefik": key, "loki": "loki"}}
	}
	cases := map[string]struct {
		reason string
		chart  helm.Chart
		label  string
		want   Umbrella
		ok     bool
	}{
		"Traefik's own":      {"its values are Traefik's", helm.Chart{Name: "traefik", Version: "39.0.7"}, "traefik-39.0.7", Umbrella{Chart: "traefik-39.0.7"}, false},
		"umbrella":           {"it has Traefik's among its subcharts", passing("infra", "traefik"), "traefik-39.0.7", Umbrella{"infra-0.1.0", "traefik"}, true},
		"alias":              {"the key is the alias", passing("infra", "ingress"), "ingress-39.0.7", Umbrella{"infra-0.1.0", "ingress"}, true},
		"of the same name":   {"as folders of GitOps are called", passing("traefik", "traefik"), "traefik-39.0.7", Umbrella{"traefik-0.1.0", "traefik"}, true},
		"deeper":             {"a subchart of a subchart", helm.Chart{Name: "infra", Version: "0.1.0"}, "traefik-39.0.7", Umbrella{Chart: "infra-0.1.0"}, true},
		"a chart like it":    {"a fork puts its own name there", helm.Chart{Name: "rke2-traefik", Version: "39.0.7"}, "rke2-traefik-39.0.7", Umbrella{Chart: "rke2-traefik-39.0.7"}, false},
		"not known":          {"no record was read", helm.Chart{}, "traefik-39.0.7", Umbrella{}, false},
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
