// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
)

// grafanaIs is a program that says which version it is, as Grafana does.
const grafanaIs = "#!/bin/sh\necho grafana version 13.2.0\n"

// entries of an image, which are written one after the other.
type entries []tar.Header

// offer pushes an image to a registry on loopback, and returns its reference there.
func offer(t *testing.T, content entries, program string) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	reference := strings.TrimPrefix(server.URL, "http://") + "/grafana/grafana:13.2.0-ubuntu"
	if content == nil {
		return reference
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, header := range content {
		if header.Typeflag == tar.TypeReg {
			header.Size = int64(len(program))
		}
		require.NoError(t, writer.WriteHeader(&header))
		if header.Typeflag == tar.TypeReg {
			_, err := writer.Write([]byte(program))
			require.NoError(t, err)
		}
	}
	require.NoError(t, writer.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil })
	require.NoError(t, err)
	image, err := mutate.AppendLayers(empty.Image, layer)
	require.NoError(t, err)
	tag, err := name.NewTag(reference)
	require.NoError(t, err)
	require.NoError(t, remote.Write(tag, image))
	return reference
}

func TestGrafanaIsTakenFromItsImage(t *testing.T) {
	content := entries{
		{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644},
		{Name: "usr/share/grafana/bin/grafana", Typeflag: tar.TypeReg, Mode: 0o755},
		{Name: "./usr/share/grafana/conf/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "usr/share/grafana/conf/defaults.ini", Typeflag: tar.TypeReg, Mode: 0o644},
		{Name: "usr/share/grafana/LATEST", Typeflag: tar.TypeSymlink, Linkname: "conf"},
	}
	outside := t.TempDir()
	elsewhere := append(entries{{Name: "usr/share/grafana/out", Typeflag: tar.TypeSymlink, Linkname: outside},
		{Name: "usr/share/grafana/out/planted", Typeflag: tar.TypeReg, Mode: 0o644}}, content...)
	cases := map[string]struct {
		reason  string
		content entries
		program string
		source  parts.Images
		from    string
		says    string
	}{
		"real images":         {"its home runs beside the cluster", content, grafanaIs, parts.RealImages, "its image, run beside the cluster", "fetching the image"},
		"not asked for":       {"nothing is fetched unasked", content, grafanaIs, parts.OwnImages, "a stand-in of the lab", ""},
		"loopback":            {"that registry has no Grafana", content, grafanaIs, parts.LoopbackImages, "a stand-in of the lab", ""},
		"no such image":       {"the rest of the lab works without it", nil, "", parts.RealImages, "a stand-in of the lab", "Grafana's own image cannot be used"},
		"does not run here":   {"such as one that is linked against another C library", content, "#!/bin/sh\nexit 127\n", parts.RealImages, "a stand-in of the lab", "exit status 127"},
		"another image":       {"it has no Grafana where that is", entries{content[0]}, grafanaIs, parts.RealImages, "a stand-in of the lab", "no folder usr/share/grafana"},
		"leads out of itself": {"an image writes nothing elsewhere", elsewhere, grafanaIs, parts.RealImages, "its image, run beside the cluster", "fetching the image"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			lab, out := testStack(t)
			lab.Source = c.source
			var err error
			lab.Parts, err = parts.Resolve(t.Context(), func(string) string { return "" })
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(lab.Folder.Bin(""), 0o700))
			require.NoError(t, lab.fetchGrafana(t.Context(), offer(t, c.content, c.program)))
			require.Equal(t, c.from, grafanaOf(t, lab).From, c.reason)
			require.Contains(t, out.String(), c.says)
			if c.says == "" {
				require.Empty(t, out.String())
			}
			require.NoFileExists(t, filepath.Join(outside, "planted"))
		})
	}
}

func TestGrafanaIsFetchedOnce(t *testing.T) {
	lab, out := testStack(t)
	lab.Source = parts.RealImages
	lab.Parts = parts.List{{Name: parts.Grafana, From: "a stand-in of the lab"}}
	require.NoError(t, os.MkdirAll(lab.Folder.Bin(""), 0o700))
	reference := offer(t, entries{{Name: "usr/share/grafana/bin/grafana", Typeflag: tar.TypeReg, Mode: 0o755}}, grafanaIs)
	require.NoError(t, lab.fetchGrafana(t.Context(), reference))
	home := grafanaOf(t, lab).Programs[0].Path
	require.Equal(t, filepath.Join(lab.Folder.State, "bin", "grafana-13.2.0-ubuntu"), home)
	require.Equal(t, "13.2.0", grafanaOf(t, lab).Version)

	out.Reset()
	lab.Parts = parts.List{{Name: parts.Grafana, From: "a stand-in of the lab"}}
	require.NoError(t, lab.fetchGrafana(t.Context(), "127.0.0.1:1/grafana/grafana:13.2.0-ubuntu"), "nothing is asked")
	require.Equal(t, home, grafanaOf(t, lab).Programs[0].Path)
	require.Empty(t, out.String())
}

func grafanaOf(t *testing.T, lab Stack) parts.Part {
	t.Helper()
	for _, part := range lab.Parts {
		if part.Name == parts.Grafana {
			return part
		}
	}
	require.Fail(t, "a lab has Grafana")
	return parts.Part{}
}
