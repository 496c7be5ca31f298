// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package loglink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// ship sends a line in the form that its shipper does: by Loki's push API, or by
// OTLP.
func ship(t *testing.T, base, tenant string, one shape) {
	t.Helper()
	now := fmt.Sprint(time.Now().UnixNano())
	path := "/loki/api/v1/push"
	value := []any{now, one.line}
	if one.metadata != nil {
		value = append(value, one.metadata)
	}
	body := map[string]any{"streams": []any{map[string]any{"stream": one.stream, "values": []any{value}}}}
	if one.otlp {
		path, body = "/otlp/v1/logs", export(one, now)
	}
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, bytes.NewReader(raw))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Scope-OrgID", tenant)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	reply, _ := io.ReadAll(answer.Body)
	require.Equal(t, http.StatusNoContent, answer.StatusCode, "%s", reply)
}

// export is an ExportLogsServiceRequest in JSON; what is a record's trace ID there
// stands beside its attributes.
func export(one shape, now string) map[string]any {
	attributes := func(of map[string]string) (list []any) {
		for name, value := range of {
			if name != "trace_id" {
				list = append(list, map[string]any{"key": name, "value": map[string]any{"stringValue": value}})
			}
		}
		return list
	}
	record := map[string]any{"timeUnixNano": now, "body": map[string]any{"stringValue": one.line}, "attributes": attributes(one.metadata)}
	if id := one.metadata["trace_id"]; id != "" {
		record["traceId"], record["spanId"] = id, "b7ad6b7169203331"
	}
	return map[string]any{"resourceLogs": []any{map[string]any{
		"resource": map[string]any{"attributes": attributes(one.stream)}, "scopeLogs": []any{map[string]any{"logRecords": []any{record}}}}}}
}

// counted counts the questions.
func counted(get loki.Get) (loki.Get, *int) {
	count := 0
	return func(ctx context.Context, path string, query url.Values) (int, []byte, error) {
		count++
		return get(ctx, path, query)
	}, &count
}

// Each shipper's line is found among those of others, in at most twelve questions.
func TestLineOfEachShipperIsFoundInLoki(t *testing.T) {
	server := stack.StartLoki(t)
	stack.Answers(t, server.URL+"/ready", "")
	for name, one := range shapes {
		t.Run(name, func(t *testing.T) {
			tenant := testkit.Name("shipper")
			for _, other := range []map[string]string{{"app": "web"}, {"job": "kube-system/coredns", "pod": "coredns-1"}, {"unit": "k3s.service"}} {
				ship(t, server.URL, tenant, shape{stream: other, line: "GET / " + strings.Repeat("1", 32)})
			}
			ship(t, server.URL, tenant, one)
			get, count := counted(loki.Directly(server.URL, tenant, http.DefaultClient))
			of := loglink.Request{Mark: mark, ID: traceID, Own: own, From: time.Now().Add(-time.Minute), To: time.Now().Add(time.Minute)}
			var found loglink.Found
			require.Eventually(t, func() bool { // Loki itself answers a little after it has taken a line
				var err error
				*count = 0
				found, err = loglink.Search(t.Context(), get, of)
				require.NoError(t, err)
				return found.Link != nil
			}, time.Minute, 100*time.Millisecond, one.source)
			require.LessOrEqual(t, *count, 12)
			require.Equal(t, one.want, *found.Link, one.source)
			again, err := loki.Lines(t.Context(), get, found.Link.Query(traceID), of.From, of.To, 10)
			require.NoError(t, err)
			require.Len(t, again, 1, "the query of the link from a span finds only this line")
			require.Equal(t, one.line, again[0].Text)
			at := *found.Link
			if at.Place == loglink.Label {
				at.Place = loglink.Metadata
			}
			refined, err := loglink.Refine(t.Context(), get, at, of)
			require.NoError(t, err)
			require.Equal(t, one.want.Place, refined.Place)
		})
	}
}

// What is not there is told apart.
func TestSearchThatFindsNothing(t *testing.T) {
	server := stack.StartLoki(t)
	stack.Answers(t, server.URL+"/ready", "")
	type set = map[string]string
	cases := map[string]struct {
		reason  string
		shipped []shape
		streams int
		ours    []string
		without bool
	}{
		"nothing":       {"another tenant's Loki", nil, 0, []string{}, false},
		"no shipper":    {"only lines of other programs", []shape{{stream: set{"app": "web"}, line: "x"}}, 1, []string{}, false},
		"silent":        {"only Traefik's own log", []shape{{stream: set{"app": "traefik"}, line: "x"}}, 1, []string{`{app="traefik"}`}, false},
		"without an ID": {"lines in common format", []shape{{stream: set{"app": "traefik"}, line: common}}, 1, []string{`{app="traefik"}`}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tenant := testkit.Name("nothing")
			for _, one := range c.shipped {
				ship(t, server.URL, tenant, one)
			}
			of := loglink.Request{Mark: mark, ID: traceID, Own: own, From: time.Now().Add(-time.Minute), To: time.Now().Add(time.Minute)}
			var found loglink.Found
			require.Eventually(t, func() bool {
				var err error
				found, err = loglink.Search(t.Context(), loki.Directly(server.URL, tenant, http.DefaultClient), of)
				require.NoError(t, err)
				return found.Streams == c.streams
			}, time.Minute, 100*time.Millisecond)
			require.Nil(t, found.Link, c.reason)
			require.ElementsMatch(t, c.ours, found.Ours)
			require.Equal(t, c.without, found.Line != nil)
		})
	}
}
