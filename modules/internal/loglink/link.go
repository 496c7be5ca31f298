// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loglink finds the log lines of a request in Loki, whichever agent ships
// them, and builds the links between log lines and traces.
package loglink

import "fmt"

// Place is where a trace ID is.
type Place string

// The places: anywhere in the text of a line, in a field of it, in a label of the
// stream, or in structured metadata (Loki from 3.0 on, 2.9 by a switch).
const (
	Line     Place = "line"
	Field    Place = "field"
	Label    Place = "label"
	Metadata Place = "metadata"
)

// Link is where the trace IDs of Traefik's access log are in Loki.
type Link struct {
	// Selector finds the streams, such as {app="traefik"}.
	Selector string `json:"selector"`
	Place    Place  `json:"place"`
	// Name is that of the field, the label or the metadata; "" for Line.
	Name string `json:"name"`
	// Regex finds the ID in the text of a line, as its only group; "" where the
	// text does not hold it.
	Regex string `json:"regex"`
}

// Key is the key of jsonData under which a data source keeps a link. Grafana keeps
// and ignores keys that it does not know.
const Key = "picluster_log_link"

// Data is the link as results and data sources have it.
func (l Link) Data() map[string]any {
	return map[string]any{"selector": l.Selector, "place": string(l.Place), "name": l.Name, "regex": l.Regex}
}

// Parse reads what Data has written; false for what is none.
func Parse(data any) (Link, bool) {
	fields, _ := data.(map[string]any)
	text := func(key string) string {
		value, _ := fields[key].(string)
		return value
	}
	link := Link{Selector: text("selector"), Place: Place(text("place")), Name: text("name"), Regex: text("regex")}
	return link, link.Fault() == nil
}

// Kept is the link that a data source keeps, by its jsonData.
func Kept(settings map[string]any) (Link, bool) { return Parse(settings[Key]) }

// Fault says what a link lacks, nil for a whole one.
func (l Link) Fault() error {
	inText := l.Place == Line || l.Place == Field
	switch {
	case len(l.Selector) < 2 || l.Selector[0] != '{' || l.Selector[len(l.Selector)-1] != '}':
		return fmt.Errorf("selector must be one of LogQL, such as {app=\"traefik\"}")
	case !inText && l.Place != Label && l.Place != Metadata:
		return fmt.Errorf("place must be line, field, label or metadata")
	case inText && l.Regex == "":
		return fmt.Errorf("regex is required for place %s", l.Place)
	case !inText && l.Name == "":
		return fmt.Errorf("name is required for place %s", l.Place)
	}
	return nil
}

// InText reports whether the text of a line holds the ID.
func (l Link) InText() bool { return l.Regex != "" }

// Query is LogQL that finds the lines of one trace. The ID may be a variable of
// Grafana's.
func (l Link) Query(id string) string {
	if l.InText() {
		return fmt.Sprintf("%s |= %q", l.Selector, id)
	}
	return fmt.Sprintf("%s | %s=%q", l.Selector, l.Name, id)
}

// SpanQuery is the query of a Tempo data source's link from a span to its logs, in
// the form of Grafana's API.
func (l Link) SpanQuery() string { return l.Query("${__trace.traceId}") }

// Derived are the settings of a derived field that looks for the ID: by a label
// where the text does not hold it.
func (l Link) Derived() (matcherType, matcherRegex string) {
	if l.InText() {
		return "regex", l.Regex
	}
	return "label", l.Name
}

// placeNames are the places as messages name them.
func placeNames() map[Place]string {
	return map[Place]string{Field: "field ", Label: "label ", Metadata: "structured metadata ", Line: "in the line"}
}

// String is the link as messages name it.
func (l Link) String() string { return l.Selector + ", " + placeNames()[l.Place] + l.Name }
