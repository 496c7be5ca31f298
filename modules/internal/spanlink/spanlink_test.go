// SPDX-License-Identifier: AGPL-3.0-or-later

package spanlink

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
)

var span = tempo.Span{ID: "b7ad6b7169203331", Service: "traefik", Name: "GET", Start: time.UnixMicro(1_000_000_500_900).UTC(), Duration: 2 * time.Millisecond,
	Attributes: map[string]string{"http.route": "/api", "pod": "traefik-1"}, Resource: map[string]string{"service.name": "traefik", "pod": "of the resource"}}

func TestQueryOfASpan(t *testing.T) {
	type data = map[string]any
	const id = "0af7651916cd43dd8448eb211c80319c"
	cases := map[string]struct {
		reason   string
		link     data
		logql    string
		from, to int64 // milliseconds
		hidden   string
	}{
		"own query":       {"as the role writes it", data{"customQuery": true, "query": `{app="traefik"} |= "${__trace.traceId}"`, "spanStartTimeShift": "-5m", "spanEndTimeShift": "5m"}, `{app="traefik"} |= "` + id + `"`, 999700500, 1000300502, ""},
		"tags":            {"the span's own, and the resource's; the span's win", data{"customQuery": true, "query": `{a="${__span.tags["http.route"]}", b="$__span.name"} | pod="${__span.tags.pod}"`}, `{a="/api", b="GET"} | pod="traefik-1"`, 1000000500, 1000000502, ""},
		"tags as chosen":  {"under the names that the link gives them", data{"customQuery": true, "query": `{${__tags}}`, "tags": []any{data{"key": "service.name", "value": "app"}, data{"key": "absent"}}}, `{app="traefik"}`, 1000000500, 1000000502, ""},
		"Grafana's own":   {"without a custom query", data{"filterByTraceID": true, "filterBySpanID": true}, `{pod="traefik-1", service_name="traefik"} |="` + id + `" |="b7ad6b7169203331"`, 1000000500, 1000000502, ""},
		"a day":           {"units that Go does not have", data{"spanStartTimeShift": "-1d", "spanEndTimeShift": "0.5d"}, `{pod="traefik-1", service_name="traefik"}`, 913600500, 1043200502, ""},
		"nothing of time": {"an empty range finds nothing", data{"spanEndTimeShift": "-1h"}, `{pod="traefik-1", service_name="traefik"}`, 1000000500, 1000000501, ""},
		"no such tag":     {"Grafana shows no link then", data{"customQuery": true, "query": `{x="${__span.tags.none}"}`}, "", 0, 0, "${__span.tags.none} has no value for this span"},
		"no tags":         {"the span has none of the tags", data{"tags": []any{data{"key": "absent"}}}, "", 0, 0, "${__tags} has no value for this span"},
		"no shift":        {"not a duration", data{"spanStartTimeShift": "x"}, `{pod="traefik-1", service_name="traefik"}`, 1000000500, 1000000502, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.link["datasourceUid"] = "loki"
			query, found, err := Render(data{Key: c.link}, id, span)
			require.True(t, found)
			var hidden *Hidden
			if c.hidden != "" {
				require.ErrorAs(t, err, &hidden)
				require.EqualError(t, hidden, c.hidden, c.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "loki", query.UID)
			require.Equal(t, c.logql, query.LogQL, c.reason)
			require.Equal(t, c.from, query.From.UnixMilli(), c.reason)
			require.Equal(t, c.to, query.To.UnixMilli(), c.reason)
		})
	}
	for name, settings := range map[string]data{"none": {}, "without a source": {Key: data{"customQuery": true, "query": "{}"}}} {
		_, found, err := Render(settings, id, span)
		require.NoError(t, err)
		require.False(t, found, name)
	}
}
