// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/tempo"
)

//go:embed page.html.tmpl
var source string

var layout = template.Must(template.New("page").Parse(source))

// pageRow is a row of the waterfall as the page draws it. From and Width are
// per cent of the whole.
type pageRow struct {
	Service, Name, Took string
	Depth               int
	From, Width         string
	Colour              int
	Failed              bool
}

// pageHop is a hop as the page draws it.
type pageHop struct {
	HopResult
	Title, Took string
}

type pageVersion struct{ Name, Version string }

// colours is how many colours the page has for services, deepest how far it
// indents a span: a phone is narrow.
const (
	colours = 8
	deepest = 6
)

// renderPage is the outcome as one HTML page. It needs nothing from outside.
func renderPage(run *run, versions map[string]any) ([]byte, error) {
	data := struct {
		Headline, Summary, Made string
		Passed                  bool
		Versions                []pageVersion
		Hops                    []pageHop
		TraceID                 tempo.TraceID
		Whole                   string
		Rows                    []pageRow
	}{
		Headline: run.headline(), Summary: run.summary(), Made: time.Now().Format("2006-01-02 15:04:05 MST"), Passed: run.verdict() == nil,
		Versions: pageVersions(versions),
	}
	for _, result := range run.results {
		data.Hops = append(data.Hops, pageHop{result, titles[result.Hop], spaced(result.Took)})
	}
	if trace := run.trace(); trace != nil {
		_, whole := extent(*trace)
		data.TraceID, data.Whole, data.Rows = trace.ID, spaced(time.Duration(whole)), pageRows(*trace)
	}
	var out bytes.Buffer
	err := layout.Execute(&out, data)
	return out.Bytes(), err
}

func pageRows(trace tempo.Trace) (all []pageRow) {
	services := trace.Services()
	for _, row := range rows(trace) {
		all = append(all, pageRow{
			Service: row.span.Service, Name: row.span.Name, Took: spaced(row.span.Duration), Depth: min(row.depth, deepest), Failed: row.span.Failed,
			From: percent(row.from), Width: percent(max(row.width, 0.004)), Colour: slices.Index(services, row.span.Service) % colours,
		})
	}
	return all
}

// pageVersions writes the names as titles, from the sender to Grafana.
func pageVersions(versions map[string]any) (all []pageVersion) {
	for _, name := range []string{"tempo", "traefik", "loki", "grafana", "kubernetes"} {
		if version, known := versions[name]; known {
			all = append(all, pageVersion{strings.ToUpper(name[:1]) + name[1:], fmt.Sprint(version)})
		}
	}
	return all
}

// headline is the verdict in a few words.
func (r *run) headline() string {
	for _, result := range r.results {
		if result.Outcome == Failed {
			return "lost at: " + titles[result.Hop]
		}
	}
	if err := r.verdict(); err != nil {
		return err.Error()
	}
	return "every hop passed"
}

// summary counts the hops by their outcome: "10 passed, 1 failed".
func (r *run) summary() string {
	var parts []string
	for _, outcome := range []Outcome{Passed, Failed, Skipped, Absent} {
		count := len(slices.DeleteFunc(slices.Clone(r.results), func(result HopResult) bool { return result.Outcome != outcome }))
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, outcome))
		}
	}
	return strings.Join(parts, ", ")
}

func percent(part float64) string { return fmt.Sprintf("%.2f", part*100) }

// spaced is a duration with a space before its unit that no line breaks at.
func spaced(d time.Duration) string {
	text := short(d)
	if d >= time.Minute {
		return text
	}
	number := strings.TrimRight(text, "µms")
	return number + "\u00a0" + text[len(number):]
}
