// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"

	"helm.sh/helm/v3/pkg/chart/loader"
)

// pack writes the archive itself because Helm's own code stamps it with the current time. It writes a new file
// and renames it, so that a server never serves half a chart.
func pack(target, chart string, files []*loader.BufferedFile) error {
	var out bytes.Buffer
	if err := archive(&out, chart, files); err != nil {
		return fmt.Errorf("packing %s: %w", path.Base(target), err)
	}
	part := target + ".part"
	if err := os.WriteFile(part, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing chart package: %w", err)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("writing chart package: %w", err)
	}
	return nil
}

func archive(out io.Writer, chart string, files []*loader.BufferedFile) error {
	zip := gzip.NewWriter(out)
	tape := tar.NewWriter(zip)
	for _, f := range files {
		head := &tar.Header{Name: path.Join(chart, f.Name), Mode: 0o644, Size: int64(len(f.Data)), ModTime: packed, Format: tar.FormatPAX}
		if err := tape.WriteHeader(head); err != nil {
			return err
		}
		if _, err := tape.Write(f.Data); err != nil {
			return err
		}
	}
	if err := tape.Close(); err != nil {
		return err
	}
	return zip.Close()
}
