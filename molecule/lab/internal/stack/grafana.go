// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/picluster/tracing/molecule/lab/internal/images"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
)

// grafanaImage is the image with glibc, which Debian and its like have too; Grafana's home is the folder grafanaHome in it
// (grafana/grafana, Dockerfile and docs/sources/setup-grafana/configure-docker.md).
const (
	grafanaImage = "grafana/grafana:" + parts.GrafanaVersion + "-ubuntu"
	grafanaHome  = "usr/share/grafana"
)

// fetchGrafana takes Grafana itself from its image, when real images are asked for and nobody brings one. It runs beside the
// cluster, as the stand-in does, which is used where that image cannot be had or does not run here.
func (s *Stack) fetchGrafana(ctx context.Context, reference string) error {
	if s.Source != parts.RealImages || len(s.Parts.Own(parts.Grafana)) > 0 {
		return nil
	}
	release, err := s.Folder.LockImages(ctx)
	if err != nil {
		return err
	}
	defer release()
	list, err := s.realGrafana(ctx, reference)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		s.say("Grafana's own image cannot be used, and a stand-in takes its place: %v", err)
		return nil
	}
	s.Parts = list
	return nil
}

func (s *Stack) realGrafana(ctx context.Context, reference string) (parts.List, error) {
	image, err := name.ParseReference(reference)
	if err != nil {
		return nil, err
	}
	home := s.Folder.Bin("grafana-" + image.Identifier())
	if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) {
		s.say("fetching the image %s", image)
		if err := images.Extract(ctx, image, grafanaHome, home); err != nil {
			return nil, err
		}
	}
	list, err := s.Parts.WithGrafana(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("run Grafana from its image: %w", err)
	}
	return list, nil
}
