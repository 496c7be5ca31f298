// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/provenance"
	"helm.sh/helm/v3/pkg/repo"
)

// addOwn copies a person's packaged charts, each in the place of a test chart of the same name and version.
func addOwn(dir, own string, index *repo.IndexFile) error {
	if own == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(own, "*.tgz"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := addChart(dir, file, index); err != nil {
			return fmt.Errorf("add the chart %s: %w", file, err)
		}
	}
	return nil
}

func addChart(dir, file string, index *repo.IndexFile) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	chart, err := loader.LoadFile(file)
	if err != nil {
		return err
	}
	packed := fmt.Sprintf("%s-%s.tgz", chart.Name(), chart.Metadata.Version)
	if err := os.WriteFile(filepath.Join(dir, packed), raw, 0o644); err != nil { //nolint:gosec // everybody may read a chart
		return err
	}
	digest, err := provenance.DigestFile(filepath.Join(dir, packed))
	if err != nil {
		return err
	}
	same := func(entry *repo.ChartVersion) bool { return entry.Version == chart.Metadata.Version }
	index.Entries[chart.Name()] = slices.DeleteFunc(index.Entries[chart.Name()], same)
	return index.MustAdd(chart.Metadata, packed, "", digest)
}
