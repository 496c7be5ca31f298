// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"fmt"
	"io/fs"
	"path"

	"sigs.k8s.io/yaml"
)

// catalogue is a chart's editions.yaml: what all versions share, and the versions.
type catalogue struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Home        string    `json:"home"`
	Editions    []edition `json:"editions"`
}

// edition is one version of a chart.
type edition struct {
	Version     string `json:"version"`
	AppVersion  string `json:"appVersion"`
	KubeVersion string `json:"kubeVersion"`
	Deprecated  bool   `json:"deprecated"`
	// Layers are folders below layers/, merged from left to right.
	Layers []string `json:"layers"`
	// Schema names a file below schema/; empty where the real chart ships no values.schema.json.
	Schema string `json:"schema"`
}

func readCatalogue(src fs.FS, chart string) (catalogue, error) {
	var c catalogue
	if err := readYAML(src, path.Join(chart, "editions.yaml"), &c); err != nil {
		return c, err
	}
	if len(c.Editions) == 0 {
		return c, fmt.Errorf("reading the editions of chart %s: none is listed", chart)
	}
	return c, nil
}

// readYAML decodes strictly, so that a misspelt key in a layer is an error and not a version that behaves wrongly.
func readYAML(src fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(src, name)
	if err != nil {
		return fmt.Errorf("reading chart source %s: %w", name, err)
	}
	if err := yaml.UnmarshalStrict(raw, into); err != nil {
		return fmt.Errorf("reading chart source %s: %w", name, err)
	}
	return nil
}
