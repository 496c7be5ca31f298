// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
)

func labOf(t *testing.T, environment map[string]string) Lab {
	t.Helper()
	lab := testLab(t)
	lab.Pods = true
	read := func(name string) string { return environment[name] }
	var err error
	lab.Parts, err = parts.Resolve(t.Context(), read)
	require.NoError(t, err)
	lab.Source, err = parts.ReadImages(read)
	require.NoError(t, err)
	lab.Ports["registry"] = 20001
	return lab
}

func TestRealImages(t *testing.T) {
	cases := map[string]struct {
		reason, images string
		archives       []string
		programs       []string
		offered        []string
		uplink, mirror string
		charts         string
	}{
		"own": {"everything is made here", "", []string{"pause", "coredns", "shop", "memcached", "traefik", "loki", "shipper", "tempo"},
			[]string{"minio", "kubernetes", "labservices", "labnode", "labloki", "coredns", "tempo"}, nil, "", "", "LAB_CHARTS_URL=http://127.0.0.1:0"},
		"real": {"what is pulled is not built", "real", []string{"pause", "coredns", "shop", "shipper"},
			[]string{"minio", "kubernetes", "labservices", "labnode", "coredns"}, nil, "3128", "", "LAB_CHARTS_URL="},
		"loopback": {"what is pulled is served under the real names", "loopback", []string{"pause", "coredns", "shop", "shipper"},
			[]string{"minio", "kubernetes", "labservices", "labnode", "labloki", "coredns", "tempo"},
			[]string{"docker.io/grafana/loki:3.7.8", "docker.io/library/memcached:1.5.17-alpine", "docker.io/grafana/tempo:1.5.0", "docker.io/rancher/mirrored-library-traefik:v3.7.13"},
			"3128", "http://registry.picluster.example", "LAB_CHARTS_URL=http://127.0.0.1:0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			lab := labOf(t, map[string]string{"IMAGES": c.images})
			archives, err := lab.Images()
			require.NoError(t, err)
			var names, programs, offered []string
			for name := range archives {
				names = append(names, name)
			}
			for _, program := range lab.ProgramsToBuild() {
				programs = append(programs, program.Name)
			}
			require.ElementsMatch(t, c.archives, names, c.reason)
			require.ElementsMatch(t, c.programs, programs, c.reason)
			if lab.loopback() {
				images, err := lab.Offered()
				require.NoError(t, err)
				for _, image := range images {
					offered = append(offered, image.Name)
				}
			}
			require.Equal(t, c.offered, offered, c.reason)
			config, err := lab.nodeConfig()
			require.NoError(t, err)
			require.Equal(t, [2]string{c.uplink, c.mirror}, [2]string{config.Uplink, config.Mirror})
			require.Equal(t, c.charts, lab.ChartsEnv())
		})
	}
}

func TestRealTraefikChartIsThatOfK3s(t *testing.T) {
	lab := labOf(t, map[string]string{"IMAGES": "real"})
	chart, err := lab.Traefik(PodTraefikChart)
	require.NoError(t, err)
	require.Equal(t, "https://k3s.io/k3s-charts/assets/traefik/traefik-41.4.2%2Bup41.4.0.tgz", chart.ChartURL)
	require.Empty(t, chart.ImageTag, "the chart names its own")
}

func TestUserSuppliedProgram(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bin", "grafana")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\nprintf '%s, version 2.10.8\\n' minio tempo loki | sed 's/^minio,/minio/'\n"), 0o700))
	lab := labOf(t, map[string]string{"LAB_TEMPO": path, "LAB_MINIO": path, "LAB_GRAFANA": folder, "LAB_LOKI": path})
	for _, program := range lab.ProgramsToBuild() {
		require.NotContains(t, []string{"minio", "tempo", "labloki"}, program.Name, "the user supplies it")
	}
	archives, err := lab.Images()
	require.NoError(t, err)
	require.Equal(t, path, archives["loki"].Program)
	require.Equal(t, "docker.io/grafana/tempo:2.10.7", archives["tempo-2.10.7"].Name)
	require.Equal(t, path, archives["tempo-2.10.7"].Program)
	require.NotContains(t, archives, "tempo")
	require.Contains(t, lab.PodEnv(), "LAB_TEMPO_CHART=2.26.2")
	own := lab.grafana()
	require.Equal(t, path, own.Program)
	require.Equal(t, []string{"server", "--homepath", folder}, own.Args)
	require.Contains(t, own.Env, "GF_SECURITY_ADMIN_PASSWORD=CANARY")
	for range 2 { // each start does it
		require.NoError(t, lab.linkProvisioning())
	}
	require.NoError(t, os.WriteFile(lab.Folder.Data("grafana", "provisioning", "one.yaml"), nil, 0o600))
	require.FileExists(t, lab.Folder.Data("grafana", "own", "provisioning", "datasources", "one.yaml"), "where Grafana looks")
	require.Equal(t, path, lab.path(programMinio))
	require.Equal(t, path, lab.Brought()[programMinio])
}

func TestOwnCharts(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "tempo-2.2.3.tgz")
	lab := labOf(t, map[string]string{"IMAGES": "real"})
	for i, part := range lab.Parts {
		if part.Name == parts.Charts {
			lab.Parts[i].Real, lab.Parts[i].Programs = false, []parts.Program{{Path: folder, Version: "tempo-2.2.3"}}
		}
	}
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	charts := lab.charts()
	require.Equal(t, []string{"--own", folder}, charts.Args[len(charts.Args)-2:])
	require.Equal(t, []string{file}, charts.files, "the server is started anew when one changes")
	require.Equal(t, "LAB_CHARTS_URL=http://127.0.0.1:0", lab.ChartsEnv(), "they are in the lab's repository, and real images in the charts")
	chart, err := lab.Traefik(PodTraefikChart)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:0/traefik-41.4.2+up41.4.0.tgz", chart.ChartURL)
}
