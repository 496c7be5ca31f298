// SPDX-License-Identifier: AGPL-3.0-or-later

package spanmetrics_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/spanmetrics"
)

// answers are a server's bodies by path, each with status 200; others are 404.
type answers map[string]string

func (a answers) get(_ context.Context, path string, _ url.Values) (int, []byte, error) {
	if body, has := a[path]; has {
		return http.StatusOK, []byte(body), nil
	}
	return http.StatusNotFound, []byte("404 page not found\n"), nil
}

func TestSeriesAndExemplars(t *testing.T) {
	var asked url.Values
	get := func(_ context.Context, path string, query url.Values) (int, []byte, error) {
		asked = query
		body := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service":"a"},"values":[[1,"0"]]}]}}`
		if path == "/api/v1/query_exemplars" {
			body = `{"status":"success","data":[{"seriesLabels":{"service":"a"},"exemplars":[{"labels":{"traceID":"1f"},"value":"6","timestamp":1600096945.479}]}]}`
		}
		return http.StatusOK, []byte(body), nil
	}
	from := time.UnixMilli(1_000_500)
	series, err := spanmetrics.Between(t.Context(), get, "up", from, from.Add(10*time.Hour))
	require.NoError(t, err)
	require.Equal(t, []spanmetrics.Labels{{"service": "a"}}, series)
	require.Equal(t, url.Values{"query": {"up"}, "start": {"1000.500"}, "end": {"37000.500"}, "step": {"36"}}, asked)
	series, err = spanmetrics.Now(t.Context(), get, "up")
	require.NoError(t, err)
	require.Len(t, series, 1)
	require.Equal(t, url.Values{"query": {"up"}}, asked, "at the server's own current time")
	exemplars, err := spanmetrics.Exemplars(t.Context(), get, "up", from, from)
	require.NoError(t, err)
	require.Equal(t, []spanmetrics.Exemplar{{Series: spanmetrics.Labels{"service": "a"}, Labels: spanmetrics.Labels{"traceID": "1f"}}}, exemplars)
}

func TestUnusableAnswers(t *testing.T) {
	cases := map[string]struct {
		reason string
		status int
		body   string
		want   string
	}{
		"refused":    {"with Prometheus' message", 400, `{"status":"error","errorType":"bad_data","error":"parse error"}`, "400 Bad Request: parse error"},
		"by a proxy": {"with the first line of the answer", 502, "bad gateway\nx", "502 Bad Gateway: bad gateway"},
		"a page":     {"something else listens", 200, "<html>", "200 OK: it does not answer as Prometheus does"},
		"no data":    {"it is not an answer of Prometheus", 200, "{}", "200 OK: it does not answer as Prometheus does"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			get := func(context.Context, string, url.Values) (int, []byte, error) { return c.status, []byte(c.body), nil }
			_, err := spanmetrics.Now(t.Context(), get, "up")
			var refusal *spanmetrics.Refusal
			require.ErrorAs(t, err, &refusal)
			require.EqualError(t, refusal, c.want, c.reason)
		})
	}
}

func TestWhyMetricsAreMissing(t *testing.T) {
	const query, flags = "/api/v1/query", "/api/v1/status/flags"
	const none, graph, all = `{"data":{"result":[]}}`, `{"data":{"result":[{"metric":{"__name__":"traces_service_graph_request_total"}}]}}`,
		`{"data":{"result":[{"metric":{"__name__":"traces_spanmetrics_latency_bucket"}}]}}`
	const off, on, full = `{"data":{"web.enable-remote-write-receiver":"false"}}`, `{"data":{"web.enable-remote-write-receiver":"true","enable-feature":""}}`,
		`{"data":{"web.enable-remote-write-receiver":"true","enable-feature":"a,exemplar-storage"}}`
	cases := map[string]struct {
		reason   string
		server   answers
		some     bool
		want     spanmetrics.Why
		exemplar spanmetrics.Why
	}{
		"not asked":     {"it cannot be known", answers{}, false, "", ""},
		"no flag":       {"no metrics can arrive", answers{query: none, flags: off}, false, "takes no remote write", "takes no remote write"},
		"nothing":       {"it would be accepted", answers{query: none, flags: on}, false, "no metrics of Tempo's", "no metrics of Tempo's"},
		"tells nothing": {"a server other than Prometheus", answers{query: none}, false, "no metrics of Tempo's", "no metrics of Tempo's"},
		"another kind":  {"a processor is missing", answers{query: graph, flags: on}, false, "no such processor", "no such processor"},
		"others":        {"of another service", answers{query: all, flags: full}, true, "no such series", "no such series"},
		"not kept":      {"the feature is off", answers{query: all, flags: on}, false, "no such series", "keeps no exemplars"},
		"not sent":      {"they are not sent", answers{query: all, flags: full}, false, "no such series", "no exemplars"},
		"not known":     {"without information it can be either", answers{query: all}, false, "no such series", "no exemplars"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, spanmetrics.Missing(t.Context(), c.server.get, spanmetrics.Latency), c.reason)
			require.Equal(t, c.exemplar, spanmetrics.WithoutExemplars(t.Context(), c.server.get, spanmetrics.Latency, c.some), c.reason)
		})
	}
}

func TestOwnQueries(t *testing.T) {
	require.Equal(t, `sum by (client, server) (rate(traces_service_graph_request_total{client="a", server="b"}[5m]))`, spanmetrics.Edge("a", "b"))
	require.Equal(t, `traces_spanmetrics_latency_bucket{service=~"a|b"}`, spanmetrics.LatencyOf("a", "b"))
}
