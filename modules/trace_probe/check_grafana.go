// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/picluster/tracing/modules/internal/grafana"
)

// derivedField does with the log line what Grafana does in the browser.
func (p prober) derivedField(_ context.Context) (string, time.Duration, error) {
	begin := time.Now()
	fields, _ := p.observed.Logs.JSONData["derivedFields"].([]any)
	var err error = &loss{NoField, fmt.Errorf("data source %s has no derived field", p.spec.LokiUID)}
	for _, item := range fields {
		field, _ := item.(map[string]any)
		// The field that gets furthest tells most.
		if wrong := p.checkField(field); wrong == nil {
			return fmt.Sprintf("derived field %v finds the trace ID and leads to %s", field["name"], p.spec.TempoUID), time.Since(begin), nil
		} else if nearer(wrong, err) {
			err = wrong
		}
	}
	return "", time.Since(begin), err
}

// far says how near to a working link a symptom is.
var far = map[Symptom]int{NoField: 0, WrongUID: 1, NoMatch: 2, WrongValue: 3, WrongURL: 4}

func nearer(a, b error) bool { return far[symptomOf(a)] > far[symptomOf(b)] }

// checkField says what keeps one derived field from leading to the trace.
func (p prober) checkField(field map[string]any) error {
	name, uid := text(field["name"]), text(field["datasourceUid"])
	if uid == "" {
		return failure(NoField, "derived field %s leads to no data source", name)
	}
	if uid != p.spec.TempoUID {
		return failure(WrongUID, "derived field %s leads to data source %s, not to %s", name, uid, p.spec.TempoUID)
	}
	value, found, err := matched(text(field["matcherRegex"]), p.run.entry)
	switch {
	case err != nil:
		return failure(NoMatch, "derived field %s has no valid expression: %v", name, err)
	case !found:
		return failure(NoMatch, "the expression of derived field %s finds nothing in the log line", name)
	case !p.run.own(value):
		return failure(WrongValue, "derived field %s finds %q, not the trace ID", name, value)
	case !passesValue(text(field["url"])):
		return failure(WrongURL, "derived field %s has the URL %q", name, text(field["url"]))
	}
	return nil
}

// passesValue tells a URL that is the value itself, once Grafana has filled it
// in: a doubled dollar sign is right only in a provisioning file.
func passesValue(link string) bool {
	return strings.Contains(link, "${__value.raw}") && !strings.Contains(link, "$${__value.raw}")
}

// longest bounds an expression that would never end.
const longest = time.Second

// matched runs a JavaScript expression, which may look ahead as Go's may not,
// and returns its first group.
func matched(expression, line string) (value string, found bool, err error) {
	compiled, err := regexp2.Compile(expression, regexp2.ECMAScript)
	if err != nil {
		return "", false, err
	}
	compiled.MatchTimeout = longest
	match, err := compiled.FindStringMatch(line)
	if err != nil || match == nil {
		return "", false, err
	}
	if match.GroupCount() < 2 {
		return match.String(), true, nil
	}
	return match.GroupByNumber(1).String(), true, nil
}

func text(value any) string {
	text, _ := value.(string)
	return text
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
