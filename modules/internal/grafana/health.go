// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"
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

// Health asks Grafana to reach the data source. Tempo's plug-in has no check of
// its own (grafana/grafana issue 34919): there the call that the user interface
// makes, /api/echo, goes through the data source proxy.
func (c *Client) Health(ctx context.Context, source *Source) (Health, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if source.Type == "tempo" {
		return c.echo(ctx, source)
	}
	return c.check(ctx, source)
}

func (c *Client) check(ctx context.Context, source *Source) (Health, error) {
	var said struct{ Status, Message string }
	doing := "check data source " + source.UID
	err := c.do(ctx, call{doing: doing, method: http.MethodGet, path: "/api/datasources/uid/" + escaped(source.UID) + "/health"}, &said)
	refusal := refusalIn(err)
	switch {
	case err == nil:
		return Health{Known: true, Healthy: said.Status == "OK", Reason: said.Message}, nil
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

// echo is Tempo's own liveness call: 200 with the text "echo"
// (grafana/tempo modules/frontend, /api/echo).
func (c *Client) echo(ctx context.Context, source *Source) (Health, error) {
	request := call{doing: "check data source " + source.UID, method: http.MethodGet, plain: true,
		path: "/api/datasources/proxy/uid/" + escaped(source.UID) + "/api/echo"}
	reply, err := c.patiently(ctx, request)
	switch {
	case ctx.Err() != nil:
		return Health{Known: true, Reason: fmt.Sprintf("%s did not answer within %s", source.URL, probeTimeout)}, nil
	case err != nil:
		return Health{}, c.unreachable(request, err)
	case reply.status == http.StatusOK && bytes.HasPrefix(bytes.TrimSpace(reply.body), []byte("echo")):
		return Health{Known: true, Healthy: true, Reason: "Tempo answered /api/echo"}, nil
	case reply.status == http.StatusUnauthorized:
		// Grafana's own: it turns a 401 of the data source into a 400 (pkg/api/pluginproxy/ds_proxy.go).
		return Health{}, c.refused(request, reply)
	case reply.status == http.StatusOK:
		return Health{Known: true, Reason: source.URL + " answered /api/echo with something else: is it Tempo's query frontend?"}, nil
	}
	return Health{Known: true, Reason: fmt.Sprintf("%s/api/echo by way of Grafana: %s", source.URL, outcome(reply, nil))}, nil
}
