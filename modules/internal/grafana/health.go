// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/retry"
)

// Health is what Grafana says of its connection to a data source.
type Health struct {
	// Known is false when this kind of data source has no check.
	Known   bool
	Healthy bool
	// Reason is one sentence.
	Reason string
}

// probeTimeout bounds a check, so that a data source that does not answer
// costs no more than this.
const probeTimeout = 15 * time.Second

// question is what a plug-in's own check asks the data source, put through the
// data source proxy where a Grafana has no such check.
type question struct {
	path string
	// begins is how the right answer starts.
	begins string
	// server is what gives it.
	server string
}

// questions by type. Loki's plug-in has a check from 10.2 on (grafana/grafana
// pull request 74330), Tempo's from 12.3 on (111668; issue 34919).
func questions() map[string]question {
	return map[string]question{
		// grafana/tempo modules/frontend: 200 with the text "echo"
		"tempo": {"/api/echo", "echo", "Tempo's query frontend"},
		// grafana/grafana pkg/tsdb/loki/healthcheck.go
		"loki": {"/loki/api/v1/query?query=vector%281%29%2Bvector%281%29", `{"status":"success"`, "Loki"},
	}
}

// Health asks Grafana to reach the data source, in one request where that can
// be: Tempo's echo tells the same as the plug-in's check in every version. A
// Tempo that streams is left to that check first, which tries a streamed search
// (grafana/grafana-tempo-datasource pkg/tempo/tempo.go, CheckHealth).
func (c *Client) Health(ctx context.Context, source *Source) (Health, error) {
	ctx, cancel := context.WithTimeout(retry.Verbatim(ctx), probeTimeout) // that it is unhealthy is an answer
	defer cancel()
	question, known := questions()[source.Type]
	if source.Type == "tempo" && !source.streams() {
		return c.ask(ctx, source, question)
	}
	health, err := c.check(ctx, source)
	if err != nil || health.Known || !known {
		return health, err
	}
	return c.ask(ctx, source, question)
}

// streams reports whether Grafana is told to stream searches.
func (s Source) streams() bool {
	streaming, _ := s.JSONData["streamingEnabled"].(map[string]any)
	return streaming["search"] == true
}

func (c *Client) check(ctx context.Context, source *Source) (Health, error) {
	var reply struct{ Status, Message string }
	doing := "check data source " + source.UID
	err := c.do(ctx, call{doing: doing, method: http.MethodGet, path: "/api/datasources/uid/" + escaped(source.UID) + "/health"}, &reply)
	refusal := refusalIn(err)
	switch {
	case err == nil:
		return Health{Known: true, Healthy: reply.Status == "OK", Reason: reply.Message}, nil
	case ctx.Err() != nil:
		return Health{Known: true, Reason: fmt.Sprintf("Grafana's check did not end within %s", probeTimeout)}, nil
	case refusal == nil:
		return Health{}, err
	case refusal.Status == http.StatusBadRequest:
		return Health{Known: true, Reason: refusal.Message}, nil
	case refusal.Status == http.StatusNotFound, refusal.Status == http.StatusNotImplemented:
		return Health{Reason: "this Grafana has no check for data sources of type " + source.Type}, nil
	case refusal.Status >= http.StatusInternalServerError:
		return Health{Known: true, Reason: refusal.Error()}, nil
	}
	return Health{}, err
}

// ask puts the question through the data source proxy.
func (c *Client) ask(ctx context.Context, source *Source, question question) (Health, error) {
	request := call{doing: "check data source " + source.UID, method: http.MethodGet, plain: true,
		path: "/api/datasources/proxy/uid/" + escaped(source.UID) + question.path}
	path, _, _ := strings.Cut(question.path, "?")
	reply, err := c.send(ctx, request)
	switch {
	case ctx.Err() != nil:
		return Health{Known: true, Reason: fmt.Sprintf("%s did not answer within %s", source.URL, probeTimeout)}, nil
	case err != nil:
		return Health{}, c.unreachable(request, err)
	case reply.status == http.StatusOK && bytes.HasPrefix(bytes.TrimSpace(reply.body), []byte(question.begins)):
		return Health{Known: true, Healthy: true, Reason: fmt.Sprintf("%s answered %s", question.server, path)}, nil
	case reply.status == http.StatusUnauthorized:
		// Grafana's own: it turns a 401 of the data source into a 400 (pkg/api/pluginproxy/ds_proxy.go).
		return Health{}, c.refused(request, reply)
	case reply.status == http.StatusOK:
		return Health{Known: true, Reason: fmt.Sprintf("%s answered %s with something else: is it %s?", source.URL, path, question.server)}, nil
	}
	return Health{Known: true, Reason: fmt.Sprintf("%s%s through Grafana: %s", source.URL, path, outcome(reply))}, nil
}

func outcome(reply answer) string {
	return strconv.Itoa(reply.status) + " " + http.StatusText(reply.status)
}
