// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/loglink"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/spanlink"
	"github.com/picluster/tracing/modules/internal/startup"
)

// list is Grafana's list of data sources, which is read once for several.
type list struct {
	links
	all []*grafana.Source
}

// Source is nil where there is no data source of the uid.
func (l list) Source(_ context.Context, uid string) (*grafana.Source, error) {
	if at := slices.IndexFunc(l.all, func(one *grafana.Source) bool { return one.UID == uid }); at >= 0 {
		return l.all[at], nil
	}
	return nil, nil
}

// listed reads the list, so that one data source more costs no request more. Where it
// cannot be read each is asked for by itself.
func listed(ctx context.Context, from links) links {
	all, err := from.Sources(ctx)
	if err != nil {
		return from
	}
	return list{from, all}
}

// derivedField does with the log line what Grafana does in the browser.
func (p prober) derivedField(_ context.Context) (string, time.Duration, error) {
	begin := time.Now()
	fields, _ := p.observed.Logs.JSONData["derivedFields"].([]any)
	var err error = &loss{NoField, fmt.Errorf("data source %s has no derived field", p.spec.LokiUID)}
	for at := range fields {
		// The field that gets furthest tells most.
		if wrong := p.checkField(fields, at); wrong == nil {
			return fmt.Sprintf("derived field %v finds the trace ID and leads to %s", loglink.Matching(fields, at)["name"], p.spec.TempoUID), time.Since(begin), nil
		} else if nearer(wrong, err) {
			err = wrong
		}
	}
	return "", time.Since(begin), err
}

// progress says how near to a working link a symptom is.
var progress = map[Symptom]int{NoField: 0, WrongUID: 1, NoMatch: 2, NoLabel: 2, TooOld: 3, Shadowed: 4, WrongValue: 5, WrongURL: 6}

func nearer(a, b error) bool { return progress[symptomOf(a)] > progress[symptomOf(b)] }

// checkField says what keeps one derived field from leading to the trace.
func (p prober) checkField(fields []any, at int) error {
	field, _ := fields[at].(map[string]any)
	name, uid := jsondata.Text(field["name"]), jsondata.Text(field["datasourceUid"])
	if uid == "" {
		return failure(NoField, "derived field %s leads to no data source", name)
	}
	if uid != p.spec.TempoUID {
		return failure(WrongUID, "derived field %s leads to data source %s, not to %s", name, uid, p.spec.TempoUID)
	}
	version := p.observed.Versions["grafana"]
	used := loglink.Matching(fields, at)
	value, found, err := loglink.Evaluate(used, p.run.line, version)
	switch own, has, _ := loglink.Evaluate(field, p.run.line, version); {
	case used["matcherType"] == "label" && version != "" && !compat.GrafanaHas(compat.LabelFields, version):
		return failure(TooOld, "derived field %s looks for a label, which Grafana %s does not know", name, version)
	case err != nil:
		return failure(NoMatch, "derived field %s has no valid expression: %v", name, err)
	case !p.run.own(value) && has && p.run.own(own):
		return failure(Shadowed, "derived field %s would find the trace ID, but the first of this name is used", name)
	case !found && used["matcherType"] == "label":
		return failure(NoLabel, "the line has no label for derived field %s (%v); its trace ID is in %s", name, used["matcherRegex"], p.run.link.String())
	case !found:
		return failure(NoMatch, "the expression of derived field %s finds nothing in the log line; its trace ID is in %s", name, p.run.link.String())
	case !p.run.own(value):
		return failure(WrongValue, "derived field %s finds %q, not the trace ID", name, value)
	case !passesValue(jsondata.Text(field["url"])):
		return failure(WrongURL, "derived field %s has the URL %q", name, jsondata.Text(field["url"]))
	}
	return nil
}

// passesValue tells a URL that is the value itself, once Grafana has filled it
// in: a doubled dollar sign is right only in a provisioning file.
func passesValue(link string) bool {
	return strings.Contains(link, "${__value.raw}") && !strings.Contains(link, "$${__value.raw}")
}

// inGrafana fetches a trace that Tempo has as a user's browser does.
func (p prober) inGrafana(ctx context.Context) (string, time.Duration, error) {
	trace, begin := p.run.trace(), time.Now()
	status, _, err := p.links.Proxied(ctx, p.spec.TempoUID, "/api/traces/"+string(trace.ID), nil)
	took := time.Since(begin)
	switch {
	case err != nil:
		return "", took, err
	case status == http.StatusOK:
		return fmt.Sprintf("trace %s came through data source %s", trace.ID, p.spec.TempoUID), took, nil
	case status == http.StatusUnauthorized:
		return "", took, failure(NoTenant, "data source %s (%s) answered 401: no org id", p.spec.TempoUID, p.address())
	case status == http.StatusNotFound:
		return "", took, failure(NotFound, "data source %s (%s) answered 404 for trace %s", p.spec.TempoUID, p.address(), trace.ID)
	}
	return "", took, failure(DeadURL, "data source %s (%s) answered %d %s", p.spec.TempoUID, p.address(), status, http.StatusText(status))
}

func (p prober) address() string { return urlOf(p.observed.Traces) }

func urlOf(source *grafana.Source) string {
	if source == nil {
		return ""
	}
	return source.URL
}

// spanLogs follows the link from Traefik's span to its logs, as Grafana does.
func (p prober) spanLogs(ctx context.Context) (string, time.Duration, error) {
	trace, begin := p.run.traces[Traefik], time.Now()
	query, found, err := spanlink.Render(p.observed.Traces.JSONData, trace.ID, trace.Of(p.spec.TraefikService)[0])
	var hidden *spanlink.Hidden
	switch {
	case errors.As(err, &hidden) && p.observed.Traces.ReadOnly: // somebody else's file, which the role takes as it is
		return "", 0, &absence{"Grafana shows no link to logs at Traefik's span: " + hidden.Reason}
	case errors.As(err, &hidden):
		return "", 0, &loss{NotShown, err}
	case !found:
		return "", 0, &absence{"data source " + p.spec.TempoUID + " has no link from spans to logs"}
	}
	var lines []loki.Line
	err = startup.Repeat(ctx, "the query of the link", min(p.spec.WaitTimeout, startup.Limit), func(ctx context.Context) (err error) {
		lines, err = loki.Lines(ctx, p.through(query.UID), query.LogQL, query.From, query.To, perQuery)
		return err
	})
	took := time.Since(begin)
	if err != nil {
		return "", took, p.unasked(query, err)
	}
	for _, line := range lines {
		if _, own := loglink.Locate(line, nil, p.run.own); own || line.Text == p.run.line.Text {
			return fmt.Sprintf("%s finds the line of this request through data source %s", query.LogQL, query.UID), took, nil
		}
	}
	if len(lines) == 0 {
		return "", took, failure(NoLine, "%s finds no line; the trace ID is in %s", query.LogQL, p.run.link.String())
	}
	return "", took, failure(OtherLines, "%s finds %d lines, none of this request", query.LogQL, len(lines))
}

// unasked is why the query of the link from a span failed.
func (p prober) unasked(query spanlink.Query, err error) error {
	var refusal *loki.Refusal
	err = fmt.Errorf("ask %s for %s: %w", query.UID, query.LogQL, err)
	switch {
	case errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError:
		return &loss{Refused, err}
	case refusal != nil:
		return &loss{Unanswered, err}
	case symptomOf(err) == Unanswered && query.UID != p.spec.LokiUID:
		return &loss{NoSource, err}
	}
	return err
}
