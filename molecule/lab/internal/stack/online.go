// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// internetLimit is how long the internet may take to answer.
const internetLimit = 15 * time.Second

// online refuses a start with real images where they cannot be had, before anything is built or started: it asks for the
// first thing that is fetched without which there is no lab, Traefik's chart.
func (s Stack) online(ctx context.Context, patience time.Duration) error {
	if s.Source != parts.RealImages || !s.Parts.Real(parts.Charts) { // a person's own charts are in the lab's repository
		return nil
	}
	lab := s.lab()
	chart, err := lab.Traefik(cmp.Or(s.TraefikChart, lab.TraefikChart()))
	if err != nil {
		return err
	}
	return reachable(ctx, chart.ChartURL, patience)
}

// reachable asks for a chart until it is there.
func reachable(ctx context.Context, url string, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		err := servers.Served(ctx, url)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var hopeless *servers.HopelessError
		if time.Now().After(deadline) || errors.As(err, &hopeless) {
			return fmt.Errorf("IMAGES=real needs the internet, for charts and images: fetch %s: %w; without IMAGES the lab uses its own", url, err)
		}
		time.Sleep(time.Second)
	}
}
