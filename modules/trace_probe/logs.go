// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/wait"
)

// queries find the access-log line of one request: with the field names of the
// seed procedure, whose shipper nests the line under "message", then with
// Traefik's own.
var queries = []string{
	`{app="traefik"} | json | message_RequestHost="HOST" | message_RequestPath=~".*MARK.*"`,
	`{app="traefik"} | json | RequestHost="HOST" | RequestPath=~".*MARK.*"`,
}

// logql are the queries of this run.
func (m *Module) logql(args Args) []string {
	written := queries
	if args.LokiQuery != "" {
		written = []string{args.LokiQuery}
	}
	host := args.IngressHost
	if target, err := url.Parse(m.survey.origin); host == "" && err == nil {
		host = target.Hostname()
	}
	all := make([]string, len(written))
	for i, one := range written {
		all[i] = strings.NewReplacer("HOST", host, "MARK", m.trip.mark).Replace(one)
	}
	return all
}

// read is the way to Loki: its own address, else through Grafana.
func (m *Module) read(ctx context.Context, args Args) (loki.Get, error) {
	if args.LokiURL == "" {
		return func(ctx context.Context, path string, values url.Values) (int, []byte, error) {
			return m.survey.links.Proxied(ctx, args.LokiUID, path, values)
		}, nil
	}
	way, err := m.survey.roads.http(ctx, args.LokiURL)
	return loki.Directly(way.URL, args.LokiTenant, way.HTTP), err
}

// accessLog looks for the line of the request, and for the trace ID in it.
func (m *Module) accessLog(ctx context.Context, args Args) (string, time.Duration, error) {
	get, err := m.read(ctx, args)
	if err != nil {
		return "", 0, err
	}
	without := ""
	var passed error
	_, err = wait.Within(ctx, "the access-log line", args.WaitTimeout, pace, func(ctx context.Context) (found bool, state string, err error) {
		found, without, err = m.inLog(ctx, args, get)
		if passed = err; passing(err) {
			return false, err.Error(), nil
		}
		return found, "no line yet", err
	})
	if err != nil && passing(passed) {
		err = passed
	}
	took := time.Since(m.trip.sent)
	var refusal *loki.Refusal
	switch {
	case err == nil:
		m.survey.lokiVersion(ctx, get)
		return "Loki has the line, with the trace ID in it", took, nil
	case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError && !passing(err):
		return "", took, &lost{Refused, err}
	case refusal != nil:
		return "", took, &lost{Unanswered, err}
	case without != "":
		return "", took, lose(NoID, "the line of this request holds no trace ID %s", m.trip.asked)
	case ctx.Err() == nil:
		return "", took, signed(signForLog(err), err)
	}
	return "", took, err
}

// inLog looks for the line once. Without is a line of the request that has no
// trace ID, or "".
func (m *Module) inLog(ctx context.Context, args Args, get loki.Get) (found bool, without string, err error) {
	for _, query := range m.logql(args) {
		lines, err := loki.Lines(ctx, get, query, m.trip.sent.Add(-time.Minute), time.Now().Add(time.Minute), 100)
		if err != nil {
			return false, without, err
		}
		for _, line := range lines {
			if m.inLine(line.Text) {
				m.trip.line = line.Text
				return true, "", nil
			}
			without = line.Text
		}
	}
	return false, without, nil
}

// signForLog tells a Loki that has no line from one that does not answer.
func signForLog(err error) Sign {
	if sign := signOf(err); sign == LoginRefused || !strings.Contains(err.Error(), "timed out: ") {
		return sign
	}
	return NoLine
}

// hexadecimal are the words of a line that may be trace ids.
var hexadecimal = regexp.MustCompile(`[0-9a-fA-F]{16,32}`)

// inLine reports whether a line holds the request's trace id.
func (m *Module) inLine(line string) bool {
	for _, word := range hexadecimal.FindAllString(line, -1) {
		if m.trip.its(word) {
			return true
		}
	}
	return false
}

// derivedField does with the log line what Grafana does in the browser.
func (m *Module) derivedField(_ context.Context, args Args) (string, time.Duration, error) {
	begin := time.Now()
	fields, _ := m.survey.Logs.JSONData["derivedFields"].([]any)
	var err error = &lost{NoField, fmt.Errorf("data source %s has no derived field", args.LokiUID)}
	for _, item := range fields {
		field, _ := item.(map[string]any)
		// The field that gets furthest tells most.
		if judged := m.linkOf(args, field); judged == nil {
			return fmt.Sprintf("derived field %v finds the trace ID and leads to %s", field["name"], args.TempoUID), time.Since(begin), nil
		} else if further(judged, err) {
			err = judged
		}
	}
	return "", time.Since(begin), err
}

// far says how near to a working link a sign is.
var far = map[Sign]int{NoField: 0, WrongUID: 1, NoMatch: 2, WrongValue: 3, WrongURL: 4}

func further(a, b error) bool { return far[signOf(a)] > far[signOf(b)] }

// linkOf says what keeps one derived field from leading to the trace.
func (m *Module) linkOf(args Args, field map[string]any) error {
	name, uid := word(field["name"]), word(field["datasourceUid"])
	if uid == "" {
		return lose(NoField, "derived field %s leads to no data source", name)
	}
	if uid != args.TempoUID {
		return lose(WrongUID, "derived field %s leads to data source %s, not to %s", name, uid, args.TempoUID)
	}
	value, found, err := matched(word(field["matcherRegex"]), m.trip.line)
	switch {
	case err != nil:
		return lose(NoMatch, "derived field %s has no valid expression: %v", name, err)
	case !found:
		return lose(NoMatch, "the expression of derived field %s finds nothing in the log line", name)
	case !m.trip.its(value):
		return lose(WrongValue, "derived field %s finds %q, not the trace ID", name, value)
	case !passesValue(word(field["url"])):
		return lose(WrongURL, "derived field %s has the URL %q", name, word(field["url"]))
	}
	return nil
}

// passesValue tells a URL that is the value itself, once Grafana has filled it
// in: a doubled dollar sign is right only in a provisioning file.
func passesValue(link string) bool {
	return strings.Contains(link, "${__value.raw}") && !strings.Contains(link, "$${__value.raw}")
}

// patience bounds an expression that would run for ever.
const patience = time.Second

// matched runs a JavaScript expression, which may look ahead as Go's may not,
// and returns its first group.
func matched(expression, line string) (value string, found bool, err error) {
	compiled, err := regexp2.Compile(expression, regexp2.ECMAScript)
	if err != nil {
		return "", false, err
	}
	compiled.MatchTimeout = patience
	match, err := compiled.FindStringMatch(line)
	if err != nil || match == nil {
		return "", false, err
	}
	if match.GroupCount() < 2 {
		return match.String(), true, nil
	}
	return match.GroupByNumber(1).String(), true, nil
}

func word(value any) string {
	text, _ := value.(string)
	return text
}

// inGrafana fetches a trace that Tempo has as a user's browser does.
func (m *Module) inGrafana(ctx context.Context, args Args) (string, time.Duration, error) {
	trace, begin := m.trip.shown(), time.Now()
	status, _, err := m.survey.links.Proxied(ctx, args.TempoUID, "/api/traces/"+string(trace.ID), nil)
	took := time.Since(begin)
	switch {
	case err != nil:
		return "", took, err
	case status == http.StatusOK:
		return fmt.Sprintf("trace %s came through data source %s", trace.ID, args.TempoUID), took, nil
	case status == http.StatusNotFound:
		return "", took, lose(NotFound, "data source %s (%s) answered 404 for trace %s", args.TempoUID, m.address(), trace.ID)
	}
	return "", took, lose(DeadURL, "data source %s (%s) answered %d %s", args.TempoUID, m.address(), status, http.StatusText(status))
}

func (m *Module) address() string { return urlOf(m.survey.Traces) }

func urlOf(source *grafana.Source) string {
	if source == nil {
		return ""
	}
	return source.URL
}
