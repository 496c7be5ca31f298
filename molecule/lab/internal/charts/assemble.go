// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"sigs.k8s.io/yaml"
)

// assemble makes the files of one chart version and has Helm's own loader and validation read them.
func assemble(src fs.FS, c catalogue, e edition) (*chart.Chart, []*loader.BufferedFile, error) {
	files, err := chartFiles(src, c, e)
	if err != nil {
		return nil, nil, err
	}
	ch, err := loader.LoadFiles(files)
	if err != nil {
		return nil, nil, fmt.Errorf("loading chart %s %s: %w", c.Name, e.Version, err)
	}
	if err := ch.Validate(); err != nil {
		return nil, nil, fmt.Errorf("validating chart %s %s: %w", c.Name, e.Version, err)
	}
	return ch, files, nil
}

func chartFiles(src fs.FS, c catalogue, e edition) ([]*loader.BufferedFile, error) {
	s, err := stackLayers(src, c.Name, e.Layers)
	if err != nil {
		return nil, err
	}
	files, err := dataFiles(metadata(c, e), s)
	if err != nil {
		return nil, fmt.Errorf("writing the data of chart %s %s: %w", c.Name, e.Version, err)
	}
	if files, err = addSchema(files, src, c, e, s); err != nil {
		return nil, err
	}
	return addTemplates(files, src, c.Name)
}

// dataFiles writes generation as JSON: the templates read it often, and JSON parses ten times as fast as YAML.
func dataFiles(md *chart.Metadata, s state) ([]*loader.BufferedFile, error) {
	about, err := yaml.Marshal(md)
	if err != nil {
		return nil, err
	}
	values, err := yaml.Marshal(s.values)
	if err != nil {
		return nil, err
	}
	generation, err := json.Marshal(s.generation)
	if err != nil {
		return nil, err
	}
	return []*loader.BufferedFile{
		{Name: "Chart.yaml", Data: about}, {Name: "values.yaml", Data: values}, {Name: "generation.json", Data: generation},
	}, nil
}

func addSchema(files []*loader.BufferedFile, src fs.FS, c catalogue, e edition, s state) ([]*loader.BufferedFile, error) {
	if e.Schema == "" {
		return files, nil
	}
	raw, err := schemaOf(src, path.Join(c.Name, "schema", e.Schema), s.values)
	if err != nil {
		return nil, err
	}
	return append(files, &loader.BufferedFile{Name: "values.schema.json", Data: raw}), nil
}

func metadata(c catalogue, e edition) *chart.Metadata {
	return &chart.Metadata{
		APIVersion: chart.APIVersionV2, Name: c.Name, Description: c.Description, Home: c.Home, Type: "application",
		Version: e.Version, AppVersion: e.AppVersion, KubeVersion: e.KubeVersion, Deprecated: e.Deprecated,
	}
}

func addTemplates(files []*loader.BufferedFile, src fs.FS, name string) ([]*loader.BufferedFile, error) {
	err := fs.WalkDir(src, path.Join(name, "templates"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(src, p)
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(p, name+"/"), Data: raw})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the templates of chart %s: %w", name, err)
	}
	return files, nil
}
