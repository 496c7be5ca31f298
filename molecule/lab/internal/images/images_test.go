// SPDX-License-Identifier: AGPL-3.0-or-later

package images

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/require"
)

func TestArchiveContainsTheProgramUnderItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.tar")
	require.NoError(t, Write(path, testImage(t, "the program")))
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) })
	require.NoError(t, err)
	require.Equal(t, []string{"docker.io/lab/thing:1"}, manifest[0].RepoTags, "as manifests refer to it")
	image, err := tarball.ImageFromPath(path, nil)
	require.NoError(t, err)
	holds(t, image, "the program")
}

func TestArchiveWithSeveralNames(t *testing.T) {
	path, image := filepath.Join(t.TempDir(), "image.tar"), testImage(t, "the program")
	image.Others = map[string][]string{"docker.io/lab/thing:2": {"/thing", "serve", "anew"}}
	require.NoError(t, Write(path, image))
	arguments := map[string][]string{}
	for _, called := range []string{"docker.io/lab/thing:1", "docker.io/lab/thing:2"} {
		tag, err := name.NewTag(called)
		require.NoError(t, err)
		one, err := tarball.ImageFromPath(path, &tag)
		require.NoError(t, err)
		config, err := one.ConfigFile()
		require.NoError(t, err)
		arguments[called] = config.Config.Entrypoint
	}
	require.Equal(t, map[string][]string{"docker.io/lab/thing:1": {"/thing", "serve"}, "docker.io/lab/thing:2": {"/thing", "serve", "anew"}}, arguments)
}

func TestImageHasTheFolderOfItsUser(t *testing.T) {
	image := testImage(t, "the program")
	image.Folder, image.User = "/var/thing", 10001
	content, err := files(image)
	require.NoError(t, err)
	defer content.Close()
	owners := map[string]int{}
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		owners[header.FileInfo().Mode().String()+" "+header.Name] = header.Uid
	}
	require.Equal(t, map[string]int{"dtrwxrwxrwx tmp/": 0, "drwxr-xr-x var/": 0, "drwx------ var/thing/": 10001, "-rwxr-xr-x thing": 0}, owners)
}

func TestArchiveIsBuiltOnce(t *testing.T) {
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

func TestMissingProgramIsNamed(t *testing.T) {
	image := Image{Name: "docker.io/lab/thing:1", Program: filepath.Join(t.TempDir(), "none"), Entrypoint: []string{"/thing"}}
	require.ErrorContains(t, Write(filepath.Join(t.TempDir(), "image.tar"), image), "make the image docker.io/lab/thing:1: open ")
}

func TestRegistryServesImagesByName(t *testing.T) {
	own := NewRegistry(t.TempDir())
	server := httptest.NewServer(own)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	require.Equal(t, http.StatusServiceUnavailable, status(t, server.URL+"/ready"))
	raw, err := json.Marshal([]Image{testImage(t, "the program")})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "images.json")
	require.NoError(t, os.WriteFile(file, raw, 0o600))
	require.NoError(t, own.Fill(t.Context(), address, file))
	require.Equal(t, http.StatusOK, status(t, server.URL+"/ready"))
	tag, err := name.NewTag(address+"/lab/thing:1", name.Insecure)
	require.NoError(t, err)
	image, err := remote.Image(tag)
	require.NoError(t, err)
	holds(t, image, "the program")
}

// holds checks an image's content.
func holds(t *testing.T, image v1.Image, program string) {
	t.Helper()
	config, err := image.ConfigFile()
	require.NoError(t, err)
	require.Equal(t, []string{"/thing", "serve"}, config.Config.Entrypoint)
	layers, err := image.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 1)
	content, err := layers[0].Uncompressed()
	require.NoError(t, err)
	defer content.Close()
	found := map[string]string{}
	for archive := tar.NewReader(content); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		text, err := io.ReadAll(archive)
		require.NoError(t, err)
		found[header.Name] = string(text)
	}
	require.Equal(t, map[string]string{"tmp/": "", "thing": program}, found)
}

func status(t *testing.T, url string) int {
	answer, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func testImage(t *testing.T, text string) Image {
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte(text), 0o755))
	return Image{Name: "docker.io/lab/thing:1", Program: program, Content: "one build", Entrypoint: []string{"/thing", "serve"}}
}
