// SPDX-License-Identifier: AGPL-3.0-or-later

package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnArchiveLeadsFromItsNameToTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.tar")
	require.NoError(t, Write(path, testImage(t, "the program")))
	files := unpack(t, readFile(t, path))
	for name, raw := range files {
		if digest, is := strings.CutPrefix(name, "blobs/sha256/"); is {
			sum := sha256.Sum256(raw)
			require.Equal(t, digest, hex.EncodeToString(sum[:]))
		}
	}
	require.JSONEq(t, `{"imageLayoutVersion":"1.0.0"}`, string(files["oci-layout"]))
	var index struct{ Manifests []blob }
	require.NoError(t, json.Unmarshal(files["index.json"], &index))
	require.Equal(t, "docker.io/lab/thing:1", index.Manifests[0].Annotations["io.containerd.image.name"])
	var manifest struct {
		Config blob
		Layers []blob
	}
	require.NoError(t, json.Unmarshal(files[place(index.Manifests[0])], &manifest))
	var config struct {
		Config struct{ Entrypoint []string }
		Rootfs struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	require.NoError(t, json.Unmarshal(files[place(manifest.Config)], &config))
	require.Equal(t, []string{"/thing", "serve"}, config.Config.Entrypoint)
	require.Equal(t, []string{manifest.Layers[0].Digest}, config.Rootfs.DiffIDs)
	layer := unpack(t, files[place(manifest.Layers[0])])
	require.Equal(t, "the program", string(layer["thing"]))
}

func TestAnArchiveWithSeveralNames(t *testing.T) {
	path, image := filepath.Join(t.TempDir(), "image.tar"), testImage(t, "the program")
	image.Others = map[string][]string{"docker.io/lab/thing:2": {"/thing", "serve", "anew"}}
	require.NoError(t, Write(path, image))
	files := unpack(t, readFile(t, path))
	var index struct{ Manifests []blob }
	require.NoError(t, json.Unmarshal(files["index.json"], &index))
	arguments := map[string][]string{}
	for _, one := range index.Manifests {
		var manifest struct{ Config blob }
		require.NoError(t, json.Unmarshal(files[place(one)], &manifest))
		var config struct{ Config struct{ Entrypoint []string } }
		require.NoError(t, json.Unmarshal(files[place(manifest.Config)], &config))
		arguments[one.Annotations["io.containerd.image.name"]] = config.Config.Entrypoint
	}
	require.Equal(t, map[string][]string{"docker.io/lab/thing:1": {"/thing", "serve"}, "docker.io/lab/thing:2": {"/thing", "serve", "anew"}}, arguments)
}

func TestAnArchiveIsMadeOnce(t *testing.T) {
	path, image := filepath.Join(t.TempDir(), "image.tar"), testImage(t, "one")
	require.NoError(t, Write(path, image))
	before, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, Write(path, image))
	same, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, same))
	image.Content = "another build"
	require.NoError(t, Write(path, image))
	next, err := os.Stat(path)
	require.NoError(t, err)
	require.False(t, os.SameFile(before, next))
}

func TestAMissingProgramIsNamed(t *testing.T) {
	image := Image{Name: "docker.io/lab/thing:1", Program: filepath.Join(t.TempDir(), "none"), Entrypoint: []string{"/thing"}}
	require.ErrorContains(t, Write(filepath.Join(t.TempDir(), "image.tar"), image), "make the image docker.io/lab/thing:1: open ")
}

func testImage(t *testing.T, text string) Image {
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte(text), 0o755))
	return Image{Name: "docker.io/lab/thing:1", Program: program, Content: "one build", Entrypoint: []string{"/thing", "serve"}}
}

func place(b blob) string { return "blobs/sha256/" + strings.TrimPrefix(b.Digest, "sha256:") }

func readFile(t *testing.T, path string) []byte {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw
}

func unpack(t *testing.T, raw []byte) map[string][]byte {
	files := map[string][]byte{}
	for archive := tar.NewReader(bytes.NewReader(raw)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		files[header.Name], err = io.ReadAll(archive)
		require.NoError(t, err)
	}
}
