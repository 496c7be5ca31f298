// SPDX-License-Identifier: AGPL-3.0-or-later

// Package report renders the outcome of a proof and its trace: as an HTML page, and
// as a waterfall for a terminal.
package report

import (
	"bytes"
	"cmp"
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

// pageRow is a row of the waterfall as the page draws it. From and Width are
// per cent of the whole.
type pageRow struct {
	Service, Name, Took string
	Depth               int
	From, Width         string
	Colour              int
	Failed              bool
}

// Page is what the page says.
type Page struct {
	// Cluster is what its people call the cluster, "" for no name.
	Cluster string
	// Headline is the verdict in a few words, Summary how many hops ended how.
	Headline, Summary string
	Passed            bool
	// Versions are those of the servers by name.
	Versions map[string]any
	Hops     []Hop
	// Trace is the one to draw, nil for none.
	Trace *tempo.Trace
	// Explore is the address of the trace in Grafana, "" for none.
	Explore string
}

// Verdict is passed, failed, or doubtful where a hop that passed leaves a doubt.
func (p Page) Verdict() string {
	switch {
	case !p.Passed:
		return "failed"
	case slices.ContainsFunc(p.Hops, func(hop Hop) bool { return hop.Doubt != "" }):
		return doubtful
	}
	return passed
}

// Hop is a hop of the chain.
type Hop struct {
	Title, Outcome, Detail string
	Duration               time.Duration
	// Cause is nil for a hop that has not failed.
	Cause *Cause
	// Doubt is what is not as it should be about a hop that passed, "" for none.
	Doubt string
}

const passed, doubtful = "passed", "doubtful"

// Class is the outcome by which the page chooses the colour.
func (h Hop) Class() string {
	if h.Outcome == passed && h.Doubt != "" {
		return doubtful
	}
	return h.Outcome
}

// words are the outcomes as people say them.
func words() map[string]string {
	return map[string]string{"skipped": "not checked", "absent": "not there"}
}

// Word is the outcome of a hop that did not pass, as the page writes it.
func (h Hop) Word() string { return cmp.Or(words()[h.Outcome], h.Outcome) }

// Took is the duration as the page writes it.
func (h Hop) Took() string { return spaced(h.Duration) }

// Cause is why a hop failed, and where to look.
type Cause struct {
	Text string
	Look []string
}

type pageVersion struct{ Name, Version string }

// colours is how many colours the page has for services, deepest how far it
// indents a span: a phone is narrow.
const (
	colours = 8
	deepest = 6
)

// Render is the outcome as one HTML page. It needs nothing from outside.
func (p Page) Render() ([]byte, error) {
	data := struct {
		Page
		Made     string
		Versions []pageVersion
		TraceID  tempo.TraceID
		Whole    string
		Rows     []pageRow
	}{Page: p, Made: time.Now().Format("2006-01-02 15:04:05 MST"), Versions: pageVersions(p.Versions)}
	if p.Trace != nil {
		_, whole := extent(*p.Trace)
		data.TraceID, data.Whole, data.Rows = p.Trace.ID, spaced(time.Duration(whole)), pageRows(*p.Trace)
	}
	page, err := template.New("page").Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, data)
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
