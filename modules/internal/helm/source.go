// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Source says where a chart comes from.
type Source struct {
	// Ref is the chart's name in the repository, an oci:// reference, the URL of
	// an archive, or the path of a folder or an archive.
	Ref string
	// Repository is the URL of the repository that has the chart called Ref. It
	// is not looked at for the other kinds of Ref.
	Repository string
	// Version is a version, a range such as ~2.26.0, or "" for the newest.
	Version  string
	Username string
	Password secret.Text
	// CAFile holds the CA certificate of the repository's server.
	CAFile string
	// Insecure accepts any certificate; PlainHTTP speaks HTTP to an OCI registry.
	Insecure, PlainHTTP bool
}

// oci begins a reference to a chart in an OCI registry.
const oci = "oci://"

// Local reports whether the chart is read from this host's disk.
func (s Source) Local() bool {
	if strings.Contains(s.Ref, "://") {
		return false
	}
	return strings.ContainsRune(s.Ref, os.PathSeparator) || strings.HasSuffix(s.Ref, ".tgz")
}

// String names the chart and its source for errors.
func (s Source) String() string {
	name := s.Ref
	if s.Version != "" {
		name += " " + s.Version
	}
	if s.Local() || strings.Contains(s.Ref, "://") {
		return "chart " + name
	}
	return "chart " + name + " from " + s.Repository
}

// Load reads the chart, within three minutes. It writes nothing to the disk.
func (s Source) Load(ctx context.Context) (Chart, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	loaded, err := s.load(ctx)
	if err != nil {
		return Chart{}, fault.During("load "+s.String(), err)
	}
	if loaded.Metadata == nil || loaded.Metadata.Type == "library" {
		return Chart{}, fault.New(fault.Rejected, "give an application chart", "load %s: it cannot be installed", s)
	}
	return chartOf(loaded), nil
}

func (s Source) load(ctx context.Context) (*chart.Chart, error) {
	if s.Local() {
		return s.fromDisk()
	}
	archive, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	return unpack(archive)
}

// unpack reads a packed chart.
func unpack(archive []byte) (*chart.Chart, error) {
	loaded, err := loader.LoadArchive(bytes.NewReader(archive))
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fault.New(fault.Rejected, "look at what its address returns, or at the file: a packed chart is a .tgz as helm package makes it", "it is not a packed chart, or only a part of one")
	}
	return loaded, err
}

// fromDisk reads a folder or an archive.
func (s Source) fromDisk() (*chart.Chart, error) {
	if info, err := os.Stat(s.Ref); err == nil && info.IsDir() {
		return loader.LoadDir(s.Ref)
	}
	archive, err := file.Read(s.Ref, file.Archives)
	if err != nil {
		return nil, err
	}
	return unpack(archive)
}

func (s Source) archive(ctx context.Context) ([]byte, error) {
	switch {
	case strings.HasPrefix(s.Ref, oci):
		return s.pull(ctx)
	case strings.Contains(s.Ref, "://"):
		return s.get(ctx, s.Ref)
	}
	return s.fromRepository(ctx)
}
