// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loki reads log lines from Grafana Loki.
package loki

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/retry"
)

// Line is one line of a log.
type Line struct {
	Time   time.Time
	Text   string
	Labels map[string]string
}

// Get requests a path of Loki's HTTP API, directly or through Grafana, and
// returns status and body.
type Get func(ctx context.Context, path string, query url.Values) (status int, body []byte, err error)

// policy retries reads that failed temporarily.
var policy = retry.Policy{Timeout: 15 * time.Second, Attempt: 45 * time.Second}

// Directly reads from a server at a base URL. Tenant is sent as X-Scope-OrgID
// when it is not empty.
func Directly(base, tenant string, client *http.Client) Get {
	repeating, next := *client, client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	repeating.Transport = retry.New(next, policy)
	return func(ctx context.Context, path string, query url.Values) (int, []byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(base, "/")+path+"?"+query.Encode(), nil)
		if err != nil {
			return 0, nil, err
		}
		if tenant != "" {
			request.Header.Set("X-Scope-OrgID", tenant)
		}
		answer, err := repeating.Do(request) //nolint:bodyclose // retry.Read closes it
		if err != nil {
			return 0, nil, err
		}
		body, err := retry.Read(answer)
		return answer.StatusCode, body, err
	}
}

// Refusal is an answer other than 200, with the first line of Loki's message.
type Refusal = retry.Refusal

// Lines runs a LogQL query over a time range and returns at most limit lines, newest
// first (grafana/loki, docs/sources/reference/loki-http-api.md, query_range).
func Lines(ctx context.Context, get Get, logql string, from, to time.Time, limit int) ([]Line, error) {
	status, body, err := get(ctx, "/loki/api/v1/query_range", url.Values{
		"query": {logql}, "limit": {strconv.Itoa(limit)}, "direction": {"backward"},
		"start": {strconv.FormatInt(from.UnixNano(), 10)}, "end": {strconv.FormatInt(to.UnixNano(), 10)},
	})
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, retry.Refuse(ctx, status, string(body))
	}
	return lines(body)
}

// Series are the labels of the streams that have lines in a time range and
// match one of the selectors; without selectors all (series).
func Series(ctx context.Context, get Get, from, to time.Time, selectors ...string) ([]map[string]string, error) {
	status, body, err := get(ctx, "/loki/api/v1/series", url.Values{
		"match[]": selectors, "start": {strconv.FormatInt(from.UnixNano(), 10)}, "end": {strconv.FormatInt(to.UnixNano(), 10)},
	})
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, retry.Refuse(ctx, status, string(body))
	}
	var answer struct{ Data []map[string]string }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("it did not answer with streams")
	}
	return answer.Data, nil
}

func lines(body []byte) ([]Line, error) {
	var answer struct {
		Data struct {
			ResultType string `json:"resultType"`
			Result     []struct {
				Stream map[string]string `json:"stream"`
				Values [][]string        `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Data.ResultType != "streams" {
		return nil, fmt.Errorf("it did not answer with log lines")
	}
	var all []Line
	for _, stream := range answer.Data.Result {
		for _, value := range stream.Values {
			if len(value) < 2 {
				continue
			}
			nanoseconds, _ := strconv.ParseInt(value[0], 10, 64)
			all = append(all, Line{Time: time.Unix(0, nanoseconds).UTC(), Text: value[1], Labels: stream.Stream})
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return cmp.Compare(b.Time.UnixNano(), a.Time.UnixNano()) })
	return all, nil
}
