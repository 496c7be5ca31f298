// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/images"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// registryHost is the name of the lab's registry for the node's uplink, uplinkPort the port of the uplink on the node.
const (
	registryHost = "registry.picluster.example"
	uplinkPort   = "3128"
)

// k3sCharts is where k3s' charts are stored, one file for each version (k3s-io/k3s, scripts/download).
const k3sCharts = "https://k3s.io/k3s-charts/assets/traefik"

// loopback says whether images come from the lab's own registry.
func (l Lab) loopback() bool { return l.Pods && l.Source == parts.LoopbackImages }

// pulled says whether the node pulls the image of a program.
func (l Lab) pulled(program string) bool { return l.Pods && l.Parts.Real(owns[program]) }

// registry serves the lab's own images under the charts' names for the real ones.
func (l Lab) registry() Server {
	url := "http://" + l.address("registry")
	return Server{
		Spec: process.Spec{
			Name: "registry",
			Args: append([]string{"registry"}, flags(map[string]string{
				"listen": l.address("registry"), "dir": l.Folder.Data("registry", "blobs"), "images": l.registryFile(),
			})...),
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/ready"), program: programServices,
		files: []string{l.registryFile()},
	}
}

func (l Lab) registryFile() string { return l.Folder.Data("registry", "images.json") }

// Offered are the images in the registry. Only for Traefik the chart's name differs from the lab's own.
func (l Lab) Offered() ([]images.Image, error) {
	all, err := l.images()
	if err != nil {
		return nil, err
	}
	var offered []images.Image
	for _, name := range slices.Sorted(maps.Keys(all)) {
		one := all[name]
		if !l.Parts.Real(one.part) {
			continue
		}
		if one.part == parts.Traefik {
			version, err := parts.AppVersion("traefik", PodTraefikChart)
			if err != nil {
				return nil, err
			}
			repository, _, _ := strings.Cut(one.Name, ":")
			one.Name = repository + ":" + version
		}
		offered = append(offered, one.Image)
	}
	return offered, nil
}

// writeRegistry writes the list of the registry's images.
func (l Lab) writeRegistry() error {
	if !l.loopback() {
		return nil
	}
	offered, err := l.Offered()
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(offered, "", "  ")
	if err != nil {
		return fmt.Errorf("write which images the registry has: %w", err)
	}
	return folder.WriteFile(l.registryFile(), append(raw, '\n'), 0o600)
}

// realCharts says whether the charts are fetched from their own repositories: a person's own ones are in the lab's.
func (l Lab) realCharts() bool { return l.Source == parts.RealImages && l.Parts.Real(parts.Charts) }

// chartsURL is the repository of Tempo's charts; "" leaves it to the role, whose default is the real one.
func (l Lab) chartsURL() string {
	if l.realCharts() {
		return ""
	}
	return "http://" + l.address("charts")
}

// ChartsEnv says where the charts are.
func (l Lab) ChartsEnv() string { return "LAB_CHARTS_URL=" + l.chartsURL() }

// traefikURL is the URL of a version of Traefik's chart.
func (l Lab) traefikURL(version string) string {
	if l.realCharts() {
		return k3sCharts + "/traefik-" + strings.ReplaceAll(version, "+", "%2B") + ".tgz"
	}
	return "http://" + l.address("charts") + "/traefik-" + version + ".tgz"
}
