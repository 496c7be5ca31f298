// SPDX-License-Identifier: AGPL-3.0-or-later

package images

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Extract makes a new folder of what an image has below one of its own, such as usr/share/thing, for this machine's
// architecture. The new folder is there as a whole, or not at all.
func Extract(ctx context.Context, image name.Reference, below, into string) error {
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	fetched, err := remote.Image(image, remote.WithContext(ctx), remote.WithPlatform(platform))
	if err != nil {
		return fmt.Errorf("fetch the image %s: %w", image, err)
	}
	partial := into + ".next"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := unpack(fetched, below, partial); err != nil {
		return fmt.Errorf("unpack the image %s: %w", image, err)
	}
	return os.Rename(partial, into)
}

func unpack(image v1.Image, below, into string) error {
	content := mutate.Extract(image)
	defer content.Close()
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(into) // nothing in an image leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	found := false
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		inside, ok := strings.CutPrefix(path.Clean(header.Name), below+"/")
		if !ok {
			continue
		}
		found = true
		if err := entry(root, inside, header, archive); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	if !found {
		return fmt.Errorf("it has no folder %s", below)
	}
	return nil
}

// entry writes one folder, file or link.
func entry(root *os.Root, inside string, header *tar.Header, content io.Reader) error {
	if header.Typeflag == tar.TypeDir {
		return root.MkdirAll(inside, 0o755)
	}
	if err := root.MkdirAll(path.Dir(inside), 0o755); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeSymlink {
		return root.Symlink(header.Linkname, inside)
	}
	file, err := root.OpenFile(inside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, header.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
