// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/startup"
)

// measured reports whether TraceQL metrics are part of the proof: this Tempo has
// them for Grafana.
func (s Spec) measured(status Status) bool {
	return s.TraceQLMetrics && compat.TempoHas(compat.Tempo, compat.TraceMetrics, status.Versions["tempo"])
}

// metrics asks for a TraceQL metric. What it says of this run's traces depends on
// when blocks are cut, so that an answer is enough.
func (p prober) metrics(ctx context.Context) (string, time.Duration, error) {
	begin, series := time.Now(), 0
	err := startup.Repeat(ctx, "TraceQL metrics", min(p.spec.WaitTimeout, startup.Limit), func(ctx context.Context) (err error) {
		series, err = p.query.Rate(ctx, time.Now())
		return err
	})
	switch {
	case err == nil:
		return fmt.Sprintf("{} | rate() is answered with %d series", series), time.Since(begin), nil
	case startup.StatusOf(err) == http.StatusNotFound:
		return "", 0, &absence{"this Tempo has no TraceQL metrics"}
	case strings.Contains(err.Error(), noGenerators):
		return "", 0, &loss{NoGenerator, err}
	}
	return "", 0, &loss{LookupFails, err}
}

// noGenerators is what Tempo before 3 says without a metrics generator
// (grafana/tempo issue 4299).
const noGenerators = "error finding generators"
