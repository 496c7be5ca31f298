// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"time"
)

//go:embed page.html.tmpl
var source string

var layout = template.Must(template.New("page").Parse(source))

// pageRow is a row of the waterfall as the page draws it.
type pageRow struct {
	Service, Name, Took string
	Depth               int
	From, Width         string
	Colour              int
	Failed              bool
}

// pageHop is a hop as the page draws it.
type pageHop struct {
	Outcome
	Title, Took string
}

// colours is how many colours the page has for services.
const colours = 8

// page is the outcome as one HTML page. It needs nothing from outside.
func (m *Module) page() ([]byte, error) {
	data := struct {
		Made     string
		Passed   bool
		Hops     []pageHop
		TraceID  string
		Rows     []pageRow
		Versions []string
	}{Made: time.Now().Format("2006-01-02 15:04:05 MST"), Passed: m.trip.verdict() == nil}
	for _, outcome := range m.trip.outcomes {
		data.Hops = append(data.Hops, pageHop{outcome, titles[outcome.Hop], short(outcome.Took)})
	}
	if trace := m.trip.shown(); trace != nil {
		data.TraceID = string(trace.ID)
		services := trace.Services()
		for _, row := range rows(*trace) {
			data.Rows = append(data.Rows, pageRow{
				Service: row.span.Service, Name: row.span.Name, Took: short(row.span.Duration), Depth: row.depth, Failed: row.span.Failed,
				From: percent(row.from), Width: percent(max(row.width, 0.004)), Colour: slices.Index(services, row.span.Service) % colours,
			})
		}
	}
	versions := m.survey.versions()
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		data.Versions = append(data.Versions, fmt.Sprintf("%s %s", name, versions[name]))
	}
	var out bytes.Buffer
	err := layout.Execute(&out, data)
	return out.Bytes(), err
}

func percent(part float64) string { return fmt.Sprintf("%.2f", part*100) }
