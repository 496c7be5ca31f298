// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/spanlink"
	"github.com/picluster/tracing/modules/internal/spanmetrics"
	"github.com/picluster/tracing/modules/internal/startup"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
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

// drawn are the links to and from metrics that are part of the proof: those that the
// data sources have, and all where the service graph is switched on.
func (s Spec) drawn(status Status) (hops []Hop) {
	if s.GrafanaURL == "" {
		return nil
	}
	_, measured := spanlink.RenderMetrics(settingsOf(status.Traces), tempo.Span{})
	for _, one := range []struct {
		hop    Hop
		linked bool
	}{{SpanMetrics, measured}, {ServiceGraph, graphUID(status.Traces) != ""}, {Exemplars, slices.ContainsFunc(destinations(status.Metrics), s.leadsHere)}} {
		if one.linked || s.ServiceGraph {
			hops = append(hops, one.hop)
		}
	}
	return hops
}

func settingsOf(source *grafana.Source) map[string]any {
	if source == nil {
		return nil
	}
	return source.JSONData
}

// graphUID is the data source from which the service graph is drawn, "" for none.
func graphUID(traces *grafana.Source) string { return uidUnder(traces, "serviceMap") }

// metricsUID is the data source that a Tempo data source names for metrics.
func metricsUID(traces *grafana.Source) string {
	if uid := graphUID(traces); uid != "" {
		return uid
	}
	return uidUnder(traces, spanlink.MetricsKey)
}

func uidUnder(source *grafana.Source, key string) string {
	part, _ := settingsOf(source)[key].(map[string]any)
	return jsondata.Text(part["datasourceUid"])
}

// destinations are where the exemplars of a Prometheus data source lead.
func destinations(metrics *grafana.Source) (found []map[string]any) {
	list, _ := settingsOf(metrics)[jsondata.Exemplars].([]any)
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			found = append(found, one)
		}
	}
	return found
}

func (s Spec) leadsHere(destination map[string]any) bool {
	return jsondata.Text(destination["datasourceUid"]) == s.TempoUID
}

// spanMetrics follows the link from Traefik's span, else from one of our own, to its
// metrics, as Grafana does: one of the queries has to find series.
func (p prober) spanMetrics(ctx context.Context) (string, time.Duration, error) {
	span := p.linkedSpan()
	link, ok := spanlink.RenderMetrics(p.observed.Traces.JSONData, span)
	if !ok {
		return "", 0, p.unlinked(p.observed.Traces, "no link from spans to metrics")
	}
	used := ""
	took, err := p.await(ctx, "metrics of "+span.Service, func(ctx context.Context) (int, error) {
		for _, used = range link.PromQL {
			if found, err := spanmetrics.Between(ctx, p.prometheus(link.UID), used, link.From, link.To); err != nil || len(found) > 0 {
				return len(found), err
			}
		}
		return 0, nil
	})
	if err != nil {
		return "", took, p.unmeasured(ctx, link.UID, used, err)
	}
	return fmt.Sprintf("%s finds series through data source %s", used, link.UID), took, nil
}

// linkedSpan is the span at which Grafana shows the link.
func (p prober) linkedSpan() tempo.Span {
	if trace, has := p.run.traces[Traefik]; has {
		return trace.Of(p.spec.TraefikService)[0]
	}
	return p.run.trace().Spans[0]
}

// serviceGraph asks for the edge of our own traces as Grafana does to draw it.
func (p prober) serviceGraph(ctx context.Context) (string, time.Duration, error) {
	uid := graphUID(p.observed.Traces)
	if uid == "" {
		return "", 0, p.unlinked(p.observed.Traces, "no service graph")
	}
	query := spanmetrics.Edge(caller, called)
	took, err := p.await(ctx, "the edge of the service graph", func(ctx context.Context) (int, error) {
		found, err := spanmetrics.Now(ctx, p.prometheus(uid), query)
		return len(found), err
	})
	if err != nil {
		return "", took, p.unmeasured(ctx, uid, query, err)
	}
	return fmt.Sprintf("%s calls %s, drawn from data source %s", caller, called, uid), took, nil
}

// unlinked is a link that nobody has set, though the service graph is switched on;
// a data source of somebody else's file is taken as it is.
func (p prober) unlinked(source *grafana.Source, lacks string) error {
	if source != nil && source.ReadOnly {
		return &absence{"data source " + source.UID + ", which comes from a file, has " + lacks}
	}
	if source == nil {
		return failure(NotShown, "data source %s names none with metrics", p.spec.TempoUID)
	}
	return failure(NotShown, "data source %s has %s", source.UID, lacks)
}

// prometheus opens the Prometheus behind a data source.
func (p prober) prometheus(uid string) spanmetrics.Get {
	return func(ctx context.Context, path string, values url.Values) (int, []byte, error) {
		return p.links.Proxied(ctx, uid, path, values)
	}
}

// await asks until something is found: Tempo sends its metrics every 15 seconds.
func (p prober) await(ctx context.Context, what string, ask func(context.Context) (found int, err error)) (time.Duration, error) {
	var passing error // the last one of a server that may be starting
	begin := time.Now()
	took, err := wait.Within(ctx, what, p.spec.WaitTimeout, startup.Backoff, func(ctx context.Context) (bool, string, error) {
		found, err := ask(ctx)
		if err == nil || startup.Temporary(err) { // not the one that only says that time is up
			passing = err
		}
		if startup.Temporary(err) && time.Since(begin) < startup.Limit {
			return false, err.Error(), nil
		}
		return found > 0, "none yet", err
	})
	if err != nil && passing != nil && timedOut(err) {
		err = passing
	}
	return took, err
}

// unmeasured says why a query found nothing. The metric that it asks for tells which
// processor of Tempo's would have sent it.
func (p prober) unmeasured(ctx context.Context, uid, query string, err error) error {
	if known := p.unaskable(ctx, uid, query, err); known != nil {
		return known
	}
	asked := spanmetrics.Calls
	for _, metric := range []string{spanmetrics.Latency, spanmetrics.Edges} {
		if strings.Contains(query, metric) {
			asked = metric
		}
	}
	return p.because(spanmetrics.Missing(ctx, p.prometheus(uid), asked), fmt.Errorf("%s finds nothing: %w", query, err))
}

// unaskable is the failure of a query that was not answered; nil for one that found
// nothing in time.
func (p prober) unaskable(ctx context.Context, uid, query string, err error) error {
	var refusal *spanmetrics.Refusal
	words := fmt.Errorf("ask %s for %s: %w", uid, query, err)
	switch {
	case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError:
		return &loss{Refused, words}
	case refusal != nil:
		return &loss{Unanswered, words}
	case fault.KindOf(err) == fault.NotFound:
		return &loss{NoSource, words}
	case ctx.Err() != nil || !timedOut(err):
		return words
	}
	return nil
}

// because is a failure with the reason that Prometheus knows.
func (p prober) because(why spanmetrics.Why, err error) error {
	if why == spanmetrics.NothingSent && p.run.symptom(Metrics) == NoGenerator {
		return &loss{NoGenerator, err}
	}
	if why == "" {
		why = spanmetrics.NotThese
	}
	return &loss{Symptom(why), err}
}
