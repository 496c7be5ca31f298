// SPDX-License-Identifier: AGPL-3.0-or-later

// Package spanmetrics reads the metrics that Tempo's metrics generator derives from
// spans and sends to Prometheus, and explains why some are missing.
package spanmetrics

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/picluster/tracing/modules/internal/retry"
)

// Get reads a path of Prometheus' HTTP API.
type Get func(ctx context.Context, path string, query url.Values) (status int, body []byte, err error)

// Labels are those of a series or an exemplar.
type Labels = map[string]string

// Exemplar is an exemplar of a series.
type Exemplar struct {
	// Series are the labels of the series, Labels those of the exemplar itself, among
	// them the trace ID.
	Series, Labels Labels
}

// Refusal is an error answer of Prometheus, or of a proxy in front of it.
type Refusal = retry.Refusal

// Now returns the series that a query finds at the server's current time.
func Now(ctx context.Context, get Get, promql string) ([]Labels, error) {
	return series(ctx, get, "/api/v1/query", url.Values{"query": {promql}})
}

// Between returns the series that a query finds in a time range.
func Between(ctx context.Context, get Get, promql string, from, to time.Time) ([]Labels, error) {
	return series(ctx, get, "/api/v1/query_range", url.Values{"query": {promql}, "start": {seconds(from)}, "end": {seconds(to)}, "step": {step(to.Sub(from))}})
}

// Exemplars returns those of a query's series (from Prometheus 2.26 on).
func Exemplars(ctx context.Context, get Get, promql string, from, to time.Time) ([]Exemplar, error) {
	var found []struct {
		SeriesLabels Labels `json:"seriesLabels"`
		Exemplars    []struct {
			Labels Labels `json:"labels"`
		} `json:"exemplars"`
	}
	err := ask(ctx, get, "/api/v1/query_exemplars", url.Values{"query": {promql}, "start": {seconds(from)}, "end": {seconds(to)}}, &found)
	var all []Exemplar
	for _, one := range found {
		for _, exemplar := range one.Exemplars {
			all = append(all, Exemplar{one.SeriesLabels, exemplar.Labels})
		}
	}
	return all, err
}

func series(ctx context.Context, get Get, path string, query url.Values) ([]Labels, error) {
	var found struct {
		Result []struct {
			Metric Labels `json:"metric"`
		} `json:"result"`
	}
	err := ask(ctx, get, path, query, &found)
	var all []Labels
	for _, one := range found.Result {
		all = append(all, one.Metric)
	}
	return all, err
}

// ask reads the data of an answer (prometheus/prometheus, docs/querying/api.md).
func ask(ctx context.Context, get Get, path string, query url.Values, data any) error {
	status, body, err := get(ctx, path, query)
	if err != nil {
		return err
	}
	var answer struct {
		Error string          `json:"error"`
		Data  json.RawMessage `json:"data"`
	}
	unread := json.Unmarshal(body, &answer)
	switch {
	case status != http.StatusOK:
		return retry.Refuse(ctx, status, cmp.Or(answer.Error, string(body)))
	case unread != nil || json.Unmarshal(answer.Data, data) != nil:
		return &Refusal{Status: status, Message: "it does not answer as Prometheus does"}
	}
	return nil
}

func seconds(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}

// points is how many points of a series Grafana draws at most, and least the
// shortest time between two, which is the interval of Tempo's metrics.
const (
	points = 1000
	least  = 15 * time.Second
)

func step(length time.Duration) string {
	return strconv.FormatInt(int64(max(least, length/points).Seconds()), 10)
}
