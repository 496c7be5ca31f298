// SPDX-License-Identifier: AGPL-3.0-or-later

package versionpage

import (
	"fmt"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
)

// tables are the tables of the page by their names in it: the first row of each
// is its head.
var tables = map[string]func() [][]string{
	"tempo-distributed": func() [][]string { return charts(compat.TempoDistributed, "chart `tempo-distributed`") },
	"tempo":             func() [][]string { return charts(compat.TempoMonolithic, "chart `tempo` (monolithic)") },
	"support":           supports,
	"blocks":            blocks,
	"gone":              gone,
	"processors":        processors,
	"streaming":         streaming,
	"traefik":           traefik,
	"logs":              logs,
	"linkerd":           linkerd,
	"stores":            stores,
	"answers":           answers,
}

func charts(name, head string) [][]string {
	rows := [][]string{{head, "Tempo", "works", "what to know"}}
	for _, note := range compat.ChartNotes(name) {
		rows = append(rows, []string{note.Versions, note.Brings, note.Works, note.Know})
	}
	return rows
}

func supports() [][]string {
	rows := [][]string{{"Tempo", "supported until"}}
	for _, support := range compat.Supports() {
		rows = append(rows, []string{support.Minor, support.Ends.Format(time.DateOnly)})
	}
	return rows
}

func blocks() [][]string {
	rows := [][]string{{"format", "read by Tempo", "written unless told otherwise by", "can be chosen with"}}
	for _, format := range compat.BlockFormats() {
		rows = append(rows, []string{"`" + format.Name + "`", inWords(format.Reads), inWords(format.Writes), inWords(format.Chosen)})
	}
	return rows
}

// newest is newer than any known chart: every key that was removed is listed.
const newest = "3.99.0"

func gone() [][]string {
	rows := [][]string{{"chart", "key", "removed in", "use instead"}}
	for _, chart := range []string{compat.TempoMonolithic, compat.TempoDistributed} {
		for _, value := range compat.GoneValues(chart, newest) {
			rows = append(rows, []string{"`" + chart + "`", "`" + strings.Join(value.Path, ".") + "`", value.From, value.Instead})
		}
	}
	return rows
}

func processors() [][]string {
	rows := [][]string{{"processor of the metrics generator", "Tempo"}}
	for _, name := range compat.Processors() {
		rows = append(rows, []string{"`" + name + "`", inWords(compat.ProcessorSpan(name))})
	}
	return rows
}

func streaming() [][]string {
	rows := [][]string{{"chart", "from", "key"}}
	for _, key := range compat.StreamKeys() {
		rows = append(rows, []string{"`" + key.Chart + "`", key.From, "`" + strings.Join(key.Path, ".") + "`"})
	}
	return rows
}

func traefik() [][]string {
	rows := [][]string{{"Traefik", "k3s that ships it", "spans", "trace ID in the access log"}}
	for _, note := range compat.BundleNotes() {
		rows = append(rows, []string{note.Versions, note.Brings, note.Works, note.Know})
	}
	return rows
}

func logs() [][]string {
	rows := [][]string{{"`access_log_output`", "Traefik from", "values of the chart from; by flags before"}}
	for _, output := range []compat.TraefikLogs{compat.TraefikLogsStdout, compat.TraefikLogsOTLP, compat.TraefikLogsBoth} {
		rows = append(rows, []string{"`" + string(output) + "`", compat.TraefikFirstThatWrites(output), compat.TraefikChartFirstThatWrites(output)})
	}
	return rows
}

func linkerd() [][]string {
	rows := [][]string{{"from edge", "from release", "spans are set up in", "protocols"}}
	for _, row := range compat.Linkerds() {
		stable := row.Stable
		if stable == "" {
			stable = "–"
		}
		rows = append(rows, []string{row.Edge, stable, fmt.Sprintf("chart `%s`", row.Method), strings.Join(row.Protocols, ", ")})
	}
	return rows
}

func stores() [][]string {
	rows := [][]string{{"what", "works", "what to know"}}
	for _, note := range compat.StoreNotes() {
		rows = append(rows, []string{note.Versions, note.Works, note.Know})
	}
	return rows
}

func answers() [][]string {
	rows := [][]string{{"request", "MinIO", "RustFS", "SeaweedFS", "Garage", "what the module does"}}
	for _, answer := range compat.Answers() {
		rows = append(rows, []string{answer.Request, answer.MinIO, answer.RustFS, answer.SeaweedFS, answer.Garage, answer.Does})
	}
	return rows
}

// inWords spells out a range of versions.
func inWords(span compat.Span) string {
	switch {
	case span.From == "" && span.Before == "":
		return "all"
	case span.From == "":
		return "before " + span.Before
	case span.Before == "":
		return span.From + " and newer"
	}
	return span.From + " and newer, before " + span.Before
}
