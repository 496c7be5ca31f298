// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/loglink"
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

// logql are the first queries of this run: that of the task, else that of the link
// which the data source keeps, else those for the seed procedure's labels.
func (p prober) logql() []string {
	written := queries
	if kept, has := p.kept(); has {
		written = []string{kept.Query("MARK")}
		if !kept.InText() {
			written = []string{kept.Query(string(p.run.asked))}
		}
	}
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

// kept is the link that the data source with the logs keeps from an earlier run.
func (p prober) kept() (loglink.Link, bool) {
	if p.observed.Logs == nil {
		return loglink.Link{}, false
	}
	return loglink.Kept(p.observed.Logs.JSONData)
}

// loki opens Loki: at its own address, else through Grafana.
func (p prober) loki() (loki.Get, error) {
	if p.spec.LokiURL != "" {
		return p.servers.Loki(p.spec.LokiURL, p.spec.LokiTenant)
	}
	return p.through(p.spec.LokiUID), nil
}

// through opens the Loki behind a data source.
func (p prober) through(uid string) loki.Get {
	return func(ctx context.Context, path string, values url.Values) (int, []byte, error) {
		return p.links.Proxied(ctx, uid, path, values)
	}
}

// perQuery bounds the lines of an answer.
const perQuery = 100

// patience is how long the first queries are asked alone: shippers send what they
// have read in one to five seconds.
const patience = 5 * time.Second

// accessLog looks for the line of the request, and for the trace ID in it: where
// it is expected, and after a while wherever else it may have landed.
func (p prober) accessLog(ctx context.Context) (string, time.Duration, error) {
	get, err := p.loki()
	if err != nil {
		return "", 0, err
	}
	var passed error
	begin, next := time.Now(), min(patience, p.spec.WaitTimeout/4)
	_, err = wait.Within(ctx, "the access-log line", p.spec.WaitTimeout, startup.Backoff, func(ctx context.Context) (found bool, state string, err error) {
		everywhere := time.Since(begin) >= next
		if everywhere { // a small cluster must not be searched too often
			next *= 2
		}
		found, err = p.inLog(ctx, get, everywhere)
		if passed = err; startup.Temporary(err) {
			return false, err.Error(), nil
		}
		return found, "no line yet", err
	})
	if err != nil && startup.Temporary(passed) {
		err = passed
	}
	if err != nil && timedOut(err) && ctx.Err() == nil { // once more, since the last search may be long ago
		if found, last := p.inLog(ctx, get, true); found || last != nil {
			err = last
		}
	}
	took := time.Since(p.run.sent)
	if err == nil {
		p.observed.lokiVersion(ctx, get)
		return p.located(), took, nil
	}
	return "", took, p.missed(ctx, err)
}

// located says where the line was found, and whether that is news.
func (p prober) located() string {
	detail := "Loki has the line, with the trace ID in it: " + p.run.link.String()
	if kept, has := p.kept(); has && kept != *p.run.link {
		detail += "; no longer as it was found before: " + kept.String()
	}
	return detail
}

// inLog looks for the line once, and everywhere if asked to.
func (p prober) inLog(ctx context.Context, get loki.Get, everywhere bool) (found bool, err error) {
	request := loglink.Request{Mark: p.run.mark, ID: string(p.run.asked), Own: p.run.own, From: p.run.sent.Add(-time.Minute), To: time.Now().Add(time.Minute)}
	for _, query := range p.logql() {
		lines, err := loki.Lines(ctx, get, query, request.From, request.To, perQuery)
		if err != nil {
			return false, err
		}
		for _, line := range lines {
			if link, has := loglink.Locate(line, nil, p.run.own); has {
				link.Selector = loglink.SelectorOf(query)
				if link, err = p.refined(ctx, get, link, request); err != nil {
					return false, err
				}
				p.run.line, p.run.link = line, &link
				return true, nil
			}
			p.run.without = &line
		}
	}
	if !everywhere {
		return false, nil
	}
	return p.anywhere(ctx, get, request)
}

// refined tells a label from structured metadata, which takes a question unless it is
// known from an earlier run.
func (p prober) refined(ctx context.Context, get loki.Get, link loglink.Link, request loglink.Request) (loglink.Link, error) {
	if kept, has := p.kept(); has && !kept.InText() && kept.Name == link.Name && kept.Selector == link.Selector {
		return kept, nil
	}
	refined, err := loglink.Refine(ctx, get, link, request)
	if unlisted(err) {
		return link, nil
	}
	return refined, err
}

// unlisted reports a Loki, or a proxy in front of it, that does not list its streams.
func unlisted(err error) bool {
	var refusal *loki.Refusal
	return errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError && !startup.Temporary(err)
}

// anywhere searches all of Loki. Where the streams are not listed it is left at the
// first queries.
func (p prober) anywhere(ctx context.Context, get loki.Get, request loglink.Request) (bool, error) {
	seen, err := loglink.Search(ctx, get, request)
	if unlisted(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p.run.seen = &seen
	switch {
	case seen.Link != nil:
		p.run.line, p.run.link = *seen.Line, seen.Link
	case seen.Line != nil:
		p.run.without = seen.Line
	}
	return seen.Link != nil, nil
}

// missed says why there is no line with the trace ID.
func (p prober) missed(ctx context.Context, err error) error {
	var refusal *loki.Refusal
	switch {
	case anonymous(err):
		return &loss{NoTenant, err}
	case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError && !startup.Temporary(err):
		return &loss{Refused, err}
	case refusal != nil:
		return &loss{Unanswered, err}
	case p.run.without != nil:
		settings, traced := p.observed.AccessLog, p.run.outcome(Traefik) != Failed
		return failure(Symptom(settings.WhyNoID(p.observed.Versions["traefik"], p.run.without.Text, traced)), "the line of this request holds no trace ID %s", p.run.asked)
	case ctx.Err() == nil && timedOut(err):
		why, words := p.observed.AccessLog.WhyNoLine(p.run.seen)
		return &loss{Symptom(why), fmt.Errorf("%w%s", err, words)}
	case ctx.Err() == nil:
		return withSymptom(symptomOf(err), err)
	}
	return err
}

// unknown are the words for a request without a tenant or login: Loki's own, and those of Grafana's
// proxy (grafana/grafana pkg/util/proxyutil).
var unknown = []string{"no org id", "Authentication to data source failed"}

// anonymous reports that Loki wants a tenant or a login.
func anonymous(err error) bool {
	var refusal *loki.Refusal
	return errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized ||
		slices.ContainsFunc(unknown, func(words string) bool { return strings.Contains(err.Error(), words) })
}

// timedOut tells a Loki that has no line from one that does not answer.
func timedOut(err error) bool {
	return symptomOf(err) != LoginRefused && strings.Contains(err.Error(), "timed out: ")
}
