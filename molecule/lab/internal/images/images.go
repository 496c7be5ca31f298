// SPDX-License-Identifier: AGPL-3.0-or-later

// Package images makes container images of programs, without a registry: archives in the OCI layout, which containerd imports.
package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Image is one program as a container image.
type Image struct {
	// Name is what manifests call it, with registry and tag.
	Name string
	// Program is the path of the program on this machine; it must be linked statically, for it is alone in the image.
	Program string
	// Content stands for the program's content: with the same content and entry point the archive is not made again.
	Content string
	// Entrypoint is the program's path in the image and its first arguments.
	Entrypoint []string
	// Others are further images of the same program, in the same archive: name and entry point, whose path is the same.
	Others map[string][]string
}

// blob is a stored part of an image.
type blob struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Media types of the OCI image specification 1.0.
const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// Write makes the archive unless it is there already.
func Write(path string, image Image) error {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", image.Name, image.Content, image.Entrypoint, image.Others))
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

func write(path string, image Image) (err error) {
	layer, err := os.CreateTemp("", "layer-")
	if err != nil {
		return err
	}
	defer layer.Close()
	if err := os.Remove(layer.Name()); err != nil { // it is gone when nobody holds it open, however this ends
		return err
	}
	content, err := writeLayer(layer, image)
	if err != nil {
		return err
	}
	out, err := os.Create(path + ".next")
	if err != nil {
		return err
	}
	archive := tar.NewWriter(out)
	err = errors.Join(store(archive, layer, content), describe(archive, content, image), archive.Close(), out.Close())
	if err != nil {
		return err
	}
	return os.Rename(path+".next", path)
}

// writeLayer writes the image's files: the program, and a folder for what is temporary.
func writeLayer(to io.Writer, image Image) (blob, error) {
	program, err := os.Open(image.Program)
	if err != nil {
		return blob{}, err
	}
	defer program.Close()
	info, err := program.Stat()
	if err != nil {
		return blob{}, err
	}
	sum, size := sha256.New(), new(counter)
	files := tar.NewWriter(io.MultiWriter(to, sum, size))
	headers := []*tar.Header{
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: image.Entrypoint[0][1:], Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()},
	}
	for _, header := range headers {
		if err := files.WriteHeader(header); err != nil {
			return blob{}, err
		}
	}
	if _, err := io.Copy(files, program); err != nil {
		return blob{}, err
	}
	err = files.Close()
	return blob{MediaType: typeLayer, Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Size: int64(*size)}, err
}

type counter int64

func (c *counter) Write(raw []byte) (int, error) {
	*c += counter(len(raw))
	return len(raw), nil
}

// store puts the layer into the archive.
func store(archive *tar.Writer, layer io.ReadSeeker, content blob) error {
	if _, err := layer.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: "blobs/sha256/" + content.Digest[len("sha256:"):], Mode: 0o644, Size: content.Size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, layer)
	return err
}

// describe puts in what leads to the layer: the index, and a manifest and a configuration for each name.
func describe(archive *tar.Writer, layer blob, image Image) error {
	named := map[string][]string{image.Name: image.Entrypoint}
	maps.Copy(named, image.Others)
	var manifests []blob
	for _, name := range slices.Sorted(maps.Keys(named)) {
		manifest, err := describeOne(archive, layer, name, named[name])
		if err != nil {
			return err
		}
		manifests = append(manifests, manifest)
	}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": manifests})
	if err != nil {
		return err
	}
	return errors.Join(put(archive, "index.json", index), put(archive, "oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)))
}

func describeOne(archive *tar.Writer, layer blob, name string, entrypoint []string) (blob, error) {
	config, err := add(archive, typeConfig, map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": entrypoint, "WorkingDir": "/"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{layer.Digest}},
	})
	if err != nil {
		return blob{}, err
	}
	manifest, err := add(archive, typeManifest, map[string]any{"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": []blob{layer}})
	manifest.Annotations = map[string]string{"io.containerd.image.name": name}
	return manifest, err
}

func add(archive *tar.Writer, kind string, value any) (blob, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return blob{}, err
	}
	sum := sha256.Sum256(raw)
	digest := hex.EncodeToString(sum[:])
	return blob{MediaType: kind, Digest: "sha256:" + digest, Size: int64(len(raw))}, put(archive, "blobs/sha256/"+digest, raw)
}

func put(archive *tar.Writer, name string, raw []byte) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(raw))}); err != nil {
		return err
	}
	_, err := io.Copy(archive, bytes.NewReader(raw))
	return err
}
