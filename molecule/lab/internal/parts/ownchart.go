// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// chartsIn reads a folder of packaged charts, as helm pull writes them. Its version lists them, as NAME-VERSION.
func chartsIn(folder string) (Program, error) {
	if !filepath.IsAbs(folder) {
		return Program{}, fmt.Errorf("%q: give the whole path, from / on", folder)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil {
		return Program{}, err
	}
	if len(files) == 0 {
		return Program{}, fmt.Errorf("%s is no folder with charts, such as tempo-2.2.3.tgz", folder)
	}
	var all []string
	for _, file := range files {
		name, err := chartName(file)
		if err != nil {
			return Program{}, fmt.Errorf("%s is no chart: %w", file, err)
		}
		all = append(all, name)
	}
	return Program{Path: folder, Version: strings.Join(all, ", ")}, nil
}

// chartName is the name and the version of a packaged chart.
func chartName(file string) (string, error) {
	packed, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = packed.Close() }() // it was only read
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return "", err
	}
	tape := tar.NewReader(plain)
	for {
		entry, err := tape.Next()
		if errors.Is(err, io.EOF) {
			return "", errors.New("it has no Chart.yaml")
		}
		if err != nil {
			return "", err
		}
		if inFolder, err := path.Match("*/Chart.yaml", path.Clean(entry.Name)); err == nil && inFolder {
			return metadata(tape)
		}
	}
}

func metadata(file io.Reader) (string, error) {
	const limit = 1 << 20
	raw, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return "", err
	}
	var chart struct{ Name, Version string }
	if err := yaml.Unmarshal(raw, &chart); err != nil {
		return "", err
	}
	if chart.Name == "" || chart.Version == "" {
		return "", errors.New("its Chart.yaml has no name and version")
	}
	return chart.Name + "-" + chart.Version, nil
}
