// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/startup"
	"github.com/picluster/tracing/modules/internal/wait"
)

// queries find the access-log entry of one request: with the field names of the
// seed procedure, whose shipper nests the line under "message", then with
// Traefik's own.
var queries = []string{
	`{app="traefik"} | json | message_RequestHost="HOST" | message_RequestPath=~".*MARK.*"`,
	`{app="traefik"} | json | RequestHost="HOST" | RequestPath=~".*MARK.*"`,
}

// logql are the queries of this run.
func (p prober) logql() []string {
	written := queries
	if p.spec.LokiQuery != "" {
		written = []string{p.spec.LokiQuery}
	}
	host := p.spec.IngressHost
	if target, err := url.Parse(p.observed.Origin); host == "" && err == nil {
		host = target.Hostname()
	}
	all := make([]string, len(written))
	for i, one := range written {
		all[i] = strings.NewReplacer("HOST", host, "MARK", p.run.mark).Replace(one)
	}
	return all
}

// loki opens Loki: at its own address, else through Grafana.
func (p prober) loki() (loki.Get, error) {
	if p.spec.LokiURL != "" {
		return p.servers.Loki(p.spec.LokiURL, p.spec.LokiTenant)
	}
	return func(ctx context.Context, path string, values url.Values) (int, []byte, error) {
		return p.links.Proxied(ctx, p.spec.LokiUID, path, values)
	}, nil
}

// accessLog looks for the line of the request, and for the trace ID in it.
func (p prober) accessLog(ctx context.Context) (string, time.Duration, error) {
	get, err := p.loki()
	if err != nil {
		return "", 0, err
	}
	without := ""
	var passed error
	_, err = wait.Within(ctx, "the access-log line", p.spec.WaitTimeout, startup.Backoff, func(ctx context.Context) (found bool, state string, err error) {
		found, without, err = p.inLog(ctx, get)
		if passed = err; startup.Temporary(err) {
			return false, err.Error(), nil
		}
		return found, "no line yet", err
	})
	if err != nil && startup.Temporary(passed) {
		err = passed
	}
	took := time.Since(p.run.sent)
	var refusal *loki.Refusal
	switch {
	case err == nil:
		p.observed.lokiVersion(ctx, get)
		return "Loki has the line, with the trace ID in it", took, nil
	case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError && !startup.Temporary(err):
		return "", took, &loss{Refused, err}
	case refusal != nil:
		return "", took, &loss{Unanswered, err}
	case without != "":
		return "", took, failure(NoID, "the line of this request holds no trace ID %s", p.run.asked)
	case ctx.Err() == nil:
		return "", took, withSymptom(symptomForLog(err), err)
	}
	return "", took, err
}

// inLog looks for the line once. Without is a line of the request that has no
// trace ID, or "".
func (p prober) inLog(ctx context.Context, get loki.Get) (found bool, without string, err error) {
	for _, query := range p.logql() {
		lines, err := loki.Lines(ctx, get, query, p.run.sent.Add(-time.Minute), time.Now().Add(time.Minute), 100)
		if err != nil {
			return false, without, err
		}
		for _, line := range lines {
			if p.run.inEntry(line.Text) {
				p.run.entry = line.Text
				return true, "", nil
			}
			without = line.Text
		}
	}
	return false, without, nil
}

// symptomForLog tells a Loki that has no line from one that does not answer.
func symptomForLog(err error) Symptom {
	if symptom := symptomOf(err); symptom == LoginRefused || !strings.Contains(err.Error(), "timed out: ") {
		return symptom
	}
	return NoLine
}

// hexadecimal are the words of a line that may be trace ids.
var hexadecimal = lazyregexp.Regexp{Expr: `[0-9a-fA-F]{16,32}`}

// inEntry reports whether a log entry holds the request's trace id.
func (r *run) inEntry(entry string) bool {
	for _, word := range hexadecimal.Get().FindAllString(entry, -1) {
		if r.own(word) {
			return true
		}
	}
	return false
}
