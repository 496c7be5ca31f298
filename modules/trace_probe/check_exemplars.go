// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/spanmetrics"
)

// beforeRun is how far before the run exemplars are looked for: clocks differ.
const beforeRun = time.Minute

// exemplars follows an exemplar of one of this run's traces back to the trace, which
// Grafana has shown already.
func (p prober) exemplars(ctx context.Context) (string, time.Duration, error) {
	metrics := p.observed.Metrics
	if metrics == nil || len(destinations(metrics)) == 0 {
		return "", 0, p.unlinked(metrics, "no link from exemplars to traces")
	}
	query := spanmetrics.LatencyOf(caller, called, p.spec.TraefikService)
	var own, others []spanmetrics.Exemplar
	took, err := p.await(ctx, "an exemplar of this run's traces", func(ctx context.Context) (int, error) {
		found, err := spanmetrics.Exemplars(ctx, p.prometheus(metrics.UID), query, p.run.begin.Add(-beforeRun), time.Now().Add(beforeRun))
		own, others = p.ofThisRun(found)
		return len(own), err
	})
	if err == nil {
		return p.leads(metrics, own[0], took)
	}
	if known := p.unaskable(ctx, metrics.UID, query, err); known != nil {
		return "", took, known
	}
	why := spanmetrics.WithoutExemplars(ctx, p.prometheus(metrics.UID), spanmetrics.Latency, len(others) > 0)
	return "", took, p.because(why, fmt.Errorf("%s has %d exemplars, none of this run's traces: %w", query, len(others), err))
}

// ofThisRun parts the exemplars of this run's traces from others.
func (p prober) ofThisRun(found []spanmetrics.Exemplar) (own, others []spanmetrics.Exemplar) {
	for _, one := range found {
		if p.idLabel(one) != "" {
			own = append(own, one)
		} else {
			others = append(others, one)
		}
	}
	return own, others
}

// idLabel is the label of an exemplar that holds the ID of a trace of this run, ""
// for none.
func (p prober) idLabel(one spanmetrics.Exemplar) string {
	for _, name := range slices.Sorted(maps.Keys(one.Labels)) {
		for _, trace := range p.run.traces {
			if trace.ID.Same(one.Labels[name]) {
				return name
			}
		}
	}
	return ""
}

// leads looks for the link that Grafana makes of the exemplar: one that takes its
// label, to the data source with the traces (grafana/grafana
// packages/grafana-prometheus/src/result_transformer.ts).
func (p prober) leads(metrics *grafana.Source, one spanmetrics.Exemplar, took time.Duration) (string, time.Duration, error) {
	label := p.idLabel(one)
	err := failure(NoMatch, "exemplars have the trace ID under %s, and data source %s has no link for that", label, metrics.UID)
	for _, destination := range destinations(metrics) {
		switch uid := jsondata.Text(destination["datasourceUid"]); {
		case destination["name"] != label:
		case p.spec.leadsHere(destination):
			return fmt.Sprintf("the exemplar's %s leads through data source %s to trace %s", label, p.spec.TempoUID, one.Labels[label]), took, nil
		default:
			err = failure(WrongUID, "the link of data source %s for %s leads to %q, not to data source %s", metrics.UID, label, uid+jsondata.Text(destination["url"]), p.spec.TempoUID)
		}
	}
	return "", took, err
}
