// SPDX-License-Identifier: AGPL-3.0-or-later

// Package charts packages the lab's test charts, stand-ins for the real ones, and the index of their repository.
package charts

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"helm.sh/helm/v3/pkg/provenance"
	"helm.sh/helm/v3/pkg/repo"
	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
)

// Names lists the charts that Write packages.
var Names = []string{"tempo", "tempo-distributed", "traefik"}

// packed is the time stamp of every file and index entry: the same sources give the same bytes.
var packed = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Write packages every version of every test chart into dir, which it creates, beside the packaged charts of a person's own
// folder; one of these takes the place of a test chart of the same name and version. own is "" for none.
//
// Each is NAME-VERSION.tgz, and index.yaml names them by relative URLs: a Helm HTTP repository once dir is served. The same
// sources always give the same bytes. A chart that Helm's own loader refuses, or its linter a test chart, is an error.
func Write(dir, own string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of the chart repository: %w", err)
	}
	index := repo.NewIndexFile()
	index.Generated = packed
	for _, name := range Names {
		if err := writeChart(dir, name, index); err != nil {
			return err
		}
	}
	if err := addOwn(dir, own, index); err != nil {
		return err
	}
	index.SortEntries()
	raw, err := yaml.Marshal(index)
	if err != nil {
		return fmt.Errorf("writing the index of the chart repository: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "index.yaml"), raw, 0o644)
}

func writeChart(dir, name string, index *repo.IndexFile) error {
	c, err := readCatalogue(sources.Files, name)
	if err != nil {
		return err
	}
	for _, e := range c.Editions {
		if err := writeEdition(dir, c, e, index); err != nil {
			return err
		}
	}
	return nil
}

func writeEdition(dir string, c catalogue, e edition, index *repo.IndexFile) error {
	ch, files, err := assemble(sources.Files, c, e)
	if err != nil {
		return err
	}
	file := fmt.Sprintf("%s-%s.tgz", c.Name, e.Version)
	target := filepath.Join(dir, file)
	if err := pack(target, c.Name, files); err != nil {
		return err
	}
	digest, err := provenance.DigestFile(target)
	if err != nil {
		return fmt.Errorf("reading back chart %s: %w", file, err)
	}
	if err := index.MustAdd(ch.Metadata, file, "", digest); err != nil {
		return fmt.Errorf("adding chart %s to the index: %w", file, err)
	}
	entries := index.Entries[c.Name]
	entries[len(entries)-1].Created = packed
	return nil
}
