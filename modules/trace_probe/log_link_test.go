// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// questions counts the requests to Loki, by kind.
func (w *world) questions() (queries, streams int) {
	for _, one := range w.queries {
		if strings.HasPrefix(one, "/loki/api/v1/series") {
			streams++
		} else {
			queries++
		}
	}
	return queries, streams
}

// The finding is returned, so that the links can be made from it; the expected
// place is queried first, and then no other.
func TestPlaceOfTheLine(t *testing.T) {
	t.Parallel()
	type data = map[string]any
	byService := data{"selector": `{service_name="traefik"}`, "place": "field", "name": "TraceId", "regex": `"TraceId":"(\w+)"`}
	byMetadata := data{"selector": `{service_name="traefik"}`, "place": "metadata", "name": "trace_id", "regex": ""}
	service := map[string]string{"service_name": "traefik"}
	link := data{"query": `{service_name="traefik"} |= "${__trace.traceId}"`}
	byLabel := data{"matcherType": "label", "matcherRegex": "trace_id"}
	labelled := data{"query": `{service_name="traefik"} | trace_id="${__trace.traceId}"`}
	cases := map[string]struct {
		reason  string
		world   broken
		want    data
		detail  string
		queries int // 0 is any number
	}{
		"the seed's label": {"by the second of two queries, and one for the link", broken{}, data{"selector": `{app="traefik"}`, "place": "field", "name": "TraceId", "regex": `"TraceId":"(\w+)"`}, `{app="traefik"}, field TraceId`, 3},
		"by a search":      {"without any variable", broken{stream: service, others: true, link: link}, byService, `{service_name="traefik"}, field TraceId`, 0},
		"in metadata":      {"by label where Grafana can", broken{stream: service, metadata: "trace_id", field: byLabel, link: labelled}, byMetadata, "structured metadata trace_id", 0},
		"as it was":        {"the data source knows the place: one query, and one for the link", broken{stream: service, kept: byService, link: link}, byService, `{service_name="traefik"}, field TraceId`, 2},
		"label as it was":  {"it is not checked again whether it is a label", broken{stream: service, metadata: "trace_id", field: byLabel, link: labelled, kept: byMetadata}, byMetadata, "structured metadata trace_id", 2},
		"moved": {"it is found again, with a warning", broken{kept: byService}, data{"selector": `{app="traefik"}`, "place": "field", "name": "TraceId", "regex": `"TraceId":"(\w+)"`},
			`; no longer as it was found before: {service_name="traefik"}, field TraceId`, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, c.world)
			result := testkit.Unchanged(t, world.task().With(map[string]any{"wait_timeout": "2s"}).Apply(t))
			require.Equal(t, c.want, result["log_link"], c.reason)
			require.Equal(t, "passed", statuses(t, result)["derived_field"])
			require.Equal(t, "passed", statuses(t, result)["span_logs"])
			for _, item := range result["hops"].([]any) {
				if hop := item.(map[string]any); hop["name"] == "access_log" {
					require.Contains(t, hop["detail"], c.detail)
				}
			}
			queries, streams := world.questions()
			if c.queries > 0 {
				require.Equal(t, c.queries, queries, world.queries)
				require.Zero(t, streams, "there is no search")
			}
		})
	}
}

// A failed proof returns the finding too: the links are repaired from it.
func TestDeadLinkReturnsThePlaceOfTheLine(t *testing.T) {
	t.Parallel()
	world := newWorld(t, broken{stream: map[string]string{"service_name": "traefik"}, noField: true})
	result := hastily(t, world.task(), "derived_field")
	require.Contains(t, testkit.Failed(t, result), "also failed: span_logs")
	require.Equal(t, `{service_name="traefik"}`, result["log_link"].(map[string]any)["selector"])
}

// A link that somebody else has provisioned for spans other than Traefik's does not lose
// a trace.
func TestLinkInAForeignFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		readOnly bool
		lost     string
		want     string
	}{"somebody else's": {true, "", "absent"}, "of the role": {false, "span_logs", "failed"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newWorld(t, broken{readOnly: c.readOnly, link: map[string]any{"query": `{pod="${__span.tags.pod}"}`}})
			result := hastily(t, world.task(), c.lost)
			require.Equal(t, c.want, statuses(t, result)["span_logs"])
		})
	}
}
