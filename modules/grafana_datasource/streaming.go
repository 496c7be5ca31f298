// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Streaming is what Tempo says of it.
type Streaming struct {
	// Off maps what does not stream, "search" or "metrics", to the reason.
	Off map[string]string
}

// streams asks Tempo, by way of Grafana, whether what the task wants streams.
// Nil is an open question: nothing is wanted that is not on already, or Grafana
// does not have the data source yet.
func (c *client) streams(ctx context.Context, spec Spec, status Status) *Streaming {
	if spec.absent() || len(missing(spec.Streaming, status.base())) == 0 {
		return nil
	}
	if c.grafana == nil {
		return &Streaming{Off: allOff(spec.Streaming, "Tempo is asked by way of Grafana, and grafana_url is not given")}
	}
	live := status.Source
	if status.Via == viaConfigMap {
		live = status.File.Live
	}
	if live == nil || spec.SourceURL != "" && spec.SourceURL != live.URL {
		return nil
	}
	return askTempo(ctx, c.grafana, live.UID, spec.Streaming)
}

// overHTTP is the setting that serves gRPC at the port of the data source's URL,
// where Grafana looks for it (grafana/tempo pull request 2803; grafana/grafana
// docs/sources/datasources/tempo/configure-tempo-data-source, Streaming).
var overHTTP = regexp.MustCompile(`(?m)^stream_over_http_enabled:\s*true\s*$`)

// proxied reads a page of a data source by way of Grafana.
type proxied interface {
	Proxied(ctx context.Context, uid, path string, query url.Values) (status int, body []byte, err error)
}

func askTempo(ctx context.Context, through proxied, uid string, wanted map[string]any) *Streaming {
	config, problem := tempoPage(ctx, through, uid, "/status/config", url.Values{"mode": {"diff"}})
	switch {
	case problem != "":
		return &Streaming{Off: allOff(wanted, problem)}
	case !overHTTP.Match(config):
		return &Streaming{Off: allOff(wanted, "Tempo runs without stream_over_http_enabled: true")}
	case wanted["metrics"] == nil:
		return &Streaming{}
	}
	said, problem := tempoPage(ctx, through, uid, "/status/version", nil)
	version := tempo.VersionIn(said)
	if problem == "" && !compat.QueryFacts.Has(compat.Tempo, compat.MetricsStream, version) {
		problem = fmt.Sprintf("Tempo %s streams searches only", version)
	}
	if problem == "" {
		return &Streaming{}
	}
	return &Streaming{Off: map[string]string{"metrics": problem}}
}

// tempoPage reads a page of Tempo, or says in one sentence why it cannot.
func tempoPage(ctx context.Context, through proxied, uid, path string, query url.Values) (body []byte, problem string) {
	status, body, err := through.Proxied(ctx, uid, path, query)
	switch {
	case err != nil:
		return nil, "Tempo could not be asked: " + err.Error()
	case status != http.StatusOK:
		return nil, fmt.Sprintf("Tempo answered %s with %d %s", path, status, http.StatusText(status))
	}
	return body, ""
}

// missing is the part of wanted that is not on in source.
func missing(wanted map[string]any, source *grafana.Source) map[string]any {
	rest := map[string]any{}
	for key := range wanted {
		if source != nil {
			if on, _ := source.JSONData[jsondata.StreamingEnabled].(map[string]any); on[key] == true {
				continue
			}
		}
		rest[key] = true
	}
	return rest
}

func allOff(wanted map[string]any, reason string) map[string]string {
	off := map[string]string{}
	for key := range wanted {
		off[key] = reason
	}
	return off
}

// withStreaming returns the spec with the streaming that works. An open question
// is left to what comes after the write.
func (r resolved) withStreaming(status Status) resolved {
	if len(missing(r.Streaming, status.base())) > 0 && status.Streaming == nil {
		r.askTempo = true
		return r
	}
	return r.answered(status.Streaming)
}

// answered returns the spec with streaming on, except for what does not stream.
func (r resolved) answered(said *Streaming) resolved {
	on := maps.Clone(r.Streaming)
	if said != nil {
		maps.DeleteFunc(on, func(key string, _ any) bool { return said.Off[key] != "" })
	}
	if len(on) == 0 {
		return r
	}
	r.askTempo = false
	r.Settings = jsondata.Merge(map[string]any{jsondata.StreamingEnabled: on}, r.Settings)
	return r
}

// warnOff warns of what is left off.
func (s Status) warnOff(p *plan.Plan) {
	if s.Streaming == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(s.Streaming.Off)) {
		p.Warn("streaming of %s is left off: %s", key, s.Streaming.Off[key])
	}
}

// reason says why not everything streams, "" where it does.
func (s *Streaming) reason() string {
	if s == nil {
		return ""
	}
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(s.Off))), "; ")
}
