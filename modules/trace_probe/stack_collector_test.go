// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack && shippers

package probe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// The OpenTelemetry Collector itself reads Traefik's lines and sends them to Loki by
// OTLP.
func TestLinksFindThemselvesBehindTheCollector(t *testing.T) {
	store := stack.StartLoki(t)
	const parse = "{type: json_parser, trace: {trace_id: {parse_from: attributes.TraceId}}}"
	cases := map[string]struct {
		reason    string
		operators string
		place     loglink.Place
		name      string
	}{
		"as it is":         {"the line is the body", "{type: noop}", loglink.Field, "trace_id"},
		"parsed":           {"its fields are attributes, too", parse, loglink.Field, "trace_id"},
		"a body of fields": {"Loki writes it as JSON again", "{type: json_parser, parse_to: body}", loglink.Field, "trace_id"},
		"reduced":          {"the ID is in the record alone", parse + ", {type: move, from: attributes.RequestPath, to: body}, {type: remove, field: attributes.TraceId}", loglink.Metadata, "trace_id"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, kinds := newStack(t, store, setting{search: true, collector: test.operators}).findThemselves(t, 1)
			require.Equal(t, test.place, found.Place, test.reason)
			require.Equal(t, test.name, found.Name)
			require.Equal(t, []string{`{k8s_container_name="traefik"}`}, kinds)
		})
	}
}
