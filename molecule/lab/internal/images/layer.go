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

// files are the image's content: a folder for temporary files, the image's own folder, and the program, which is read as needed.
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
	headers := append([]*tar.Header{{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777}}, own(image)...)
	headers = append(headers, &tar.Header{Name: image.Entrypoint[0][1:], Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()})
	for _, header := range headers {
		if err := archive.WriteHeader(header); err != nil {
			program.Close()
			return nil, err
		}
	}
	padding := (block - info.Size()%block) % block
	end := make([]byte, padding+2*block)
	return &layer{io.MultiReader(&head, program, bytes.NewReader(end)), program}, nil
}

// own is the folder of the image's user, with those that lead to it.
func own(image Image) (all []*tar.Header) {
	if image.Folder == "" {
		return nil
	}
	for at, sign := range image.Folder {
		if sign == '/' && at > 0 {
			all = append(all, &tar.Header{Name: image.Folder[1:at] + "/", Typeflag: tar.TypeDir, Mode: 0o755})
		}
	}
	return append(all, &tar.Header{Name: image.Folder[1:] + "/", Typeflag: tar.TypeDir, Mode: 0o700, Uid: image.User, Gid: image.User})
}

// layer reads the archive and closes the program.
type layer struct {
	io.Reader
	io.Closer
}
