// SPDX-License-Identifier: AGPL-3.0-or-later

package images

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
)

// block is the size of a tar archive's blocks.
const block = 512

// files are the image's content: a folder for temporary files, and the program, which is read as needed.
func files(image Image) (io.ReadCloser, error) {
	program, err := os.Open(image.Program)
	if err != nil {
		return nil, err
	}
	info, err := program.Stat()
	if err != nil {
		program.Close()
		return nil, err
	}
	var head bytes.Buffer
	archive := tar.NewWriter(&head)
	for _, header := range []*tar.Header{
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: image.Entrypoint[0][1:], Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()},
	} {
		if err := archive.WriteHeader(header); err != nil {
			program.Close()
			return nil, err
		}
	}
	padding := (block - info.Size()%block) % block
	end := make([]byte, padding+2*block)
	return &layer{io.MultiReader(&head, program, bytes.NewReader(end)), program}, nil
}

// layer reads the archive and closes the program.
type layer struct {
	io.Reader
	io.Closer
}
