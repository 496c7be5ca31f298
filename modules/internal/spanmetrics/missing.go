// SPDX-License-Identifier: AGPL-3.0-or-later

package spanmetrics

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The metrics of Tempo that stand for all of their kind, by the same names since 1.5
// (grafana/tempo modules/generator/processor/{servicegraphs,spanmetrics}).
const (
	Calls   = "traces_spanmetrics_calls_total"
	Latency = "traces_spanmetrics_latency_bucket"
	Edges   = "traces_service_graph_request_total"
)

// Edge is the query for one edge of the service graph, as Grafana draws it
// (grafana/grafana public/app/plugins/datasource/tempo/graphTransform.ts).
func Edge(client, server string) string {
	return fmt.Sprintf("sum by (client, server) (rate(%s{client=%q, server=%q}[5m]))", Edges, client, server)
}

// LatencyOf is the query for the series of some services that have exemplars.
func LatencyOf(services ...string) string {
	return fmt.Sprintf("%s{service=~%q}", Latency, strings.Join(services, "|"))
}

// Why is why metrics are missing; "" is unknown.
type Why string

// The reasons.
const (
	// NotTaken is a Prometheus that accepts no remote write.
	NotTaken Why = "takes no remote write"
	// NothingSent is one that has no metrics of Tempo.
	NothingSent Why = "no metrics of Tempo's"
	// NoProcessor is one that has only those of another processor.
	NoProcessor Why = "no such processor"
	// NotThese is one that has them, but not the ones looked for.
	NotThese Why = "no such series"
	// NotKept is one that stores no exemplars, NotSent one that gets none.
	NotKept Why = "keeps no exemplars"
	NotSent Why = "no exemplars"
)

// Missing says why nothing of a metric was found.
func Missing(ctx context.Context, get Get, metric string) Why {
	found, err := Now(ctx, get, fmt.Sprintf("count by (__name__) ({__name__=~%q})", strings.Join([]string{Calls, Latency, Edges}, "|")))
	switch {
	case err != nil:
		return ""
	case slices.ContainsFunc(found, func(one Labels) bool { return one["__name__"] == metric }):
		return NotThese
	case len(found) > 0:
		return NoProcessor
	case !TakesMetrics(flags(ctx, get)):
		return NotTaken
	}
	return NothingSent
}

// WithoutExemplars says why no exemplar of a metric was found.
func WithoutExemplars(ctx context.Context, get Get, metric string, some bool) Why {
	if why := Missing(ctx, get, metric); why != NotThese {
		return why
	}
	known := flags(ctx, get)
	switch {
	case some:
		return NotThese
	case len(known) > 0 && !strings.Contains(known[featureFlag], "exemplar-storage"):
		return NotKept
	}
	return NotSent
}

// The flags that make Prometheus accept remote write: the first from 2.33 on, the
// other, which also enables exemplars, from 2.25 to 2.32 (prometheus/prometheus,
// cmd/prometheus/main.go; CHANGELOG.md 2.25.0, 2.33.0).
const (
	receiverFlag = "web.enable-remote-write-receiver"
	featureFlag  = "enable-feature"
)

// TakesMetrics reports whether a server that was started with these flags
// accepts metrics by remote write; without flags it is assumed to.
func TakesMetrics(flags Labels) bool {
	receives, known := flags[receiverFlag]
	return len(flags) == 0 || receives == "true" || !known && strings.Contains(flags[featureFlag], "remote-write-receiver")
}

// flags are those that the server was started with; none if it does not say, as
// servers other than Prometheus do not.
func flags(ctx context.Context, get Get) Labels {
	var found Labels
	if ask(ctx, get, "/api/v1/status/flags", nil, &found) != nil {
		return nil
	}
	return found
}
