// SPDX-License-Identifier: AGPL-3.0-or-later

// Package images builds container images of programs: as archives, which containerd imports, and in a registry.
package images

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/compression"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Image is one program as a container image.
type Image struct {
	// Name is its name in manifests, with registry and tag.
	Name string
	// Program is the path of the program on this machine; it must be linked statically, because it is alone in the image.
	Program string
	// Content is the checksum of the program: with the same content and entry point the archive is not made again.
	Content string
	// Entrypoint is the program's path in the image and its first arguments.
	Entrypoint []string
	// Others are further images of the same program, in the same archive: name and entry point, whose path is the same.
	Others map[string][]string
	// Folder is a path that only User may write, "" for none.
	Folder string
	User   int
}

// Write makes the archive unless it exists.
func Write(path string, image Image) error {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %d", image.Name, image.Content, image.Entrypoint, image.Others, image.Folder, image.User))
	mark := hex.EncodeToString(sum[:])
	if have, err := os.ReadFile(path + ".stamp"); err == nil && string(have) == mark {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	if err := write(path, image); err != nil {
		return fmt.Errorf("make the image %s: %w", image.Name, err)
	}
	return folder.WriteFile(path+".stamp", []byte(mark), 0o600)
}

func write(path string, image Image) error {
	made, err := build(image)
	if err != nil {
		return err
	}
	if err := tarball.MultiRefWriteToFile(path+".next", made); err != nil {
		return err
	}
	return os.Rename(path+".next", path)
}

// build makes the images, with one uncompressed layer: compression takes longer than it saves.
func build(image Image) (map[name.Reference]v1.Image, error) {
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return files(image) }, tarball.WithCompression(compression.None))
	if err != nil {
		return nil, err
	}
	plain, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	named := map[string][]string{image.Name: image.Entrypoint}
	maps.Copy(named, image.Others)
	all := map[name.Reference]v1.Image{}
	for called, entrypoint := range named {
		tag, err := name.NewTag(called)
		if err != nil {
			return nil, err
		}
		if all[tag], err = mutate.ConfigFile(plain, withEntrypoint(plain, entrypoint)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func withEntrypoint(made v1.Image, entrypoint []string) *v1.ConfigFile {
	config, err := made.ConfigFile()
	if err != nil { // it was made just now
		config = &v1.ConfigFile{}
	}
	config = config.DeepCopy()
	config.Architecture, config.OS = runtime.GOARCH, "linux"
	config.Config = v1.Config{Entrypoint: entrypoint, WorkingDir: "/"}
	return config
}
