// SPDX-License-Identifier: AGPL-3.0-or-later

// Package streaming asks Tempo, through Grafana, which query results it can stream.
package streaming

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Answer is what Tempo says about it.
type Answer struct {
	// Off maps what does not stream, "search" or "metrics", to the reason.
	Off map[string]string
}

// overHTTP is the setting that serves gRPC on the port of the data source's URL,
// where Grafana expects it (grafana/tempo pull request 2803; grafana/grafana
// docs/sources/datasources/tempo/configure-tempo-data-source, Streaming).
var overHTTP = lazyregexp.Regexp{Expr: `(?m)^stream_over_http_enabled:\s*true\s*$`}

// proxied reads a page of a data source through Grafana.
type proxied interface {
	Proxied(ctx context.Context, uid, path string, query url.Values) (status int, body []byte, err error)
}

// Ask asks whether Tempo streams what is wanted.
func Ask(ctx context.Context, through proxied, uid string, wanted map[string]any) *Answer {
	config, problem := tempoPage(ctx, through, uid, "/status/config", url.Values{"mode": {"diff"}})
	switch {
	case problem != "":
		return Off(wanted, problem)
	case !overHTTP.Get().Match(config):
		return Off(wanted, "Tempo runs without stream_over_http_enabled: true")
	case wanted["metrics"] == nil:
		return &Answer{}
	}
	answer, problem := tempoPage(ctx, through, uid, "/status/version", nil)
	version := tempo.VersionIn(answer)
	if problem == "" && !compat.QueryFacts.Has(compat.Tempo, compat.MetricsStream, version) {
		problem = fmt.Sprintf("Tempo %s streams searches only", version)
	}
	if problem == "" {
		return &Answer{}
	}
	return &Answer{Off: map[string]string{"metrics": problem}}
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

// Missing is the part of wanted that is not enabled in source.
func Missing(wanted map[string]any, source *grafana.Source) map[string]any {
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

// Off is the answer that none of what is wanted streams.
func Off(wanted map[string]any, reason string) *Answer {
	off := map[string]string{}
	for key := range wanted {
		off[key] = reason
	}
	return &Answer{Off: off}
}

// Reason says why not everything streams, "" if it does.
func (s *Answer) Reason() string {
	if s == nil {
		return ""
	}
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(s.Off))), "; ")
}
