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
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// streamingEnabled is the key of jsonData for results that come in parts. Where
// Tempo does not stream, a Grafana that is told to stream finds nothing any more
// (grafana/grafana issue 92179), so that it is told only where Tempo does.
const streamingEnabled = "streamingEnabled"

// Streaming is what Tempo says of it.
type Streaming struct {
	// Off maps what does not stream, "search" or "metrics", to the reason.
	Off map[string]string
}

// streams asks Tempo, by way of Grafana, whether what the task wants streams.
// Nil is an open question: nothing is wanted that is not on already, or Grafana
// does not have the data source yet.
func (m *Module) streams(ctx context.Context, args Args, have State) *Streaming {
	wanted := args.Tempo.streaming()
	if args.absent() || len(missing(wanted, have.base())) == 0 {
		return nil
	}
	if m.client == nil {
		return &Streaming{Off: unless(wanted, "Tempo is asked by way of Grafana, and grafana_url is not given")}
	}
	live := have.Source
	if have.Via == viaConfigMap {
		live = have.File.Live
	}
	if live == nil || args.SourceURL != "" && args.SourceURL != live.URL {
		return nil
	}
	return m.askTempo(ctx, live.UID, wanted)
}

// overHTTP is the setting that serves gRPC at the port of the data source's URL,
// where Grafana looks for it (grafana/tempo pull request 2803; grafana/grafana
// docs/sources/datasources/tempo/configure-tempo-data-source, Streaming).
var overHTTP = regexp.MustCompile(`(?m)^stream_over_http_enabled:\s*true\s*$`)

func (m *Module) askTempo(ctx context.Context, uid string, wanted settings) *Streaming {
	config, problem := m.page(ctx, uid, "/status/config", url.Values{"mode": {"diff"}})
	switch {
	case problem != "":
		return &Streaming{Off: unless(wanted, problem)}
	case !overHTTP.Match(config):
		return &Streaming{Off: unless(wanted, "Tempo runs without stream_over_http_enabled: true")}
	case wanted["metrics"] == nil:
		return &Streaming{}
	}
	said, problem := m.page(ctx, uid, "/status/version", nil)
	version := tempo.VersionIn(said)
	if problem == "" && !compat.QueryFacts.Has(compat.Tempo, compat.MetricsStream, version) {
		problem = fmt.Sprintf("Tempo %s streams searches only", version)
	}
	if problem == "" {
		return &Streaming{}
	}
	return &Streaming{Off: map[string]string{"metrics": problem}}
}

// page reads a page of Tempo, or says in one sentence why it cannot.
func (m *Module) page(ctx context.Context, uid, path string, query url.Values) (body []byte, problem string) {
	status, body, err := m.client.Proxied(ctx, uid, path, query)
	switch {
	case err != nil:
		return nil, "Tempo could not be asked: " + err.Error()
	case status != http.StatusOK:
		return nil, fmt.Sprintf("Tempo answered %s with %d %s", path, status, http.StatusText(status))
	}
	return body, ""
}

// missing is the part of wanted that is not on in source.
func missing(wanted settings, source *grafana.Source) settings {
	rest := settings{}
	for key := range wanted {
		if source != nil {
			if on, _ := source.JSONData[streamingEnabled].(map[string]any); on[key] == true {
				continue
			}
		}
		rest[key] = true
	}
	return rest
}

func unless(wanted settings, reason string) map[string]string {
	off := map[string]string{}
	for key := range wanted {
		off[key] = reason
	}
	return off
}

// streaming returns the wish with the streaming that works. An open question is
// left to what comes after the write.
func (w *Wish) streaming(have State) *Wish {
	open := missing(w.Streaming, have.base())
	if len(open) > 0 && have.Streaming == nil {
		later := *w
		later.AskTempo = true
		return &later
	}
	return w.with(have.Streaming)
}

// with returns the wish with streaming on, except for what does not stream.
func (w *Wish) with(said *Streaming) *Wish {
	on := maps.Clone(map[string]any(w.Streaming))
	if said != nil {
		maps.DeleteFunc(on, func(key string, _ any) bool { return said.Off[key] != "" })
	}
	if len(on) == 0 {
		return w
	}
	switched := *w
	switched.AskTempo = false
	switched.Settings = merged(map[string]any{streamingEnabled: on}, w.Settings)
	return &switched
}

// unstreamed warns of what is left off.
func (s State) unstreamed(p *plan.Plan) {
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
