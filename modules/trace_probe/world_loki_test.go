// SPDX-License-Identifier: AGPL-3.0-or-later

package probe_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// line is a line in Loki, with its stream's labels and its structured metadata.
type line struct {
	text             string
	labels, metadata map[string]string
	at               time.Time
}

// log writes the access log, and the shipper sends it at once.
func (w *world) log(r *http.Request, id string) {
	one := line{labels: map[string]string{"app": "traefik"}, metadata: map[string]string{}, at: time.Now()}
	if w.broken.stream != nil {
		one.labels = w.broken.stream
	}
	fields := map[string]string{"RequestHost": r.Host, "RequestPath": r.URL.RequestURI(), "TraceId": id}
	if w.broken.noIDInLog || w.broken.metadata != "" {
		delete(fields, "TraceId")
	}
	if w.broken.metadata != "" {
		one.metadata[w.broken.metadata] = id
	}
	text, err := json.Marshal(fields)
	require.NoError(w.t, err)
	one.text = string(text)
	if w.broken.common {
		one.text = fmt.Sprintf(`10.42.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET %s HTTP/1.1" 200 12 "-" "-" 7 "r" "http://10.42.0.9" 3ms`, r.URL.RequestURI())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken.others {
		w.lines = append(w.lines, line{text: "GET /", labels: map[string]string{"app": "web", "job": "apps/web"}, at: time.Now()})
	}
	if w.broken.ownLog {
		w.lines = append(w.lines, line{text: "level=info", labels: one.labels, at: time.Now()})
	}
	if !w.broken.noLog {
		w.lines = append(w.lines, one)
	}
}

// serveLoki answers what the probe asks for, and refuses the rest.
func (w *world) serveLoki(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/loki/api/v1/status/buildinfo" {
		_, _ = io.WriteString(out, `{"version":"3.1.0","revision":"abc"}`)
		return
	}
	if w.starting("loki") {
		http.Error(out, "Ingester not ready: waiting for 15s after being ready", http.StatusServiceUnavailable)
		return
	}
	if w.broken.lokiSays != 0 {
		http.Error(out, cmp.Or(w.broken.lokiWords, "parse error"), w.broken.lokiSays)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	query := r.URL.Query().Get("query")
	w.queries = append(w.queries, r.URL.Path+" "+query)
	switch {
	case r.URL.Path == "/loki/api/v1/series" && !w.broken.noSeries:
		_ = json.NewEncoder(out).Encode(map[string]any{"status": "success", "data": w.streams()})
	case r.URL.Path == "/loki/api/v1/query_range" && logql.MatchString(query):
		w.answer(out, r, query)
	default:
		http.Error(out, "parse error", http.StatusBadRequest)
	}
}

func (w *world) streams() []map[string]string {
	all := []map[string]string{}
	for _, one := range w.lines {
		all = append(all, one.labels)
	}
	return all
}

// logql is as much of the language as is supported here: one matcher, line
// filters, filters by label, and json.
var logql = regexp.MustCompile(`^\{(\w+)(=~?)"([^"]*)"\}((?: ?\|= ?"[^"]*"| \| json| \| \w+=~?"[^"]*")*)$`)

var filters = regexp.MustCompile(`\|= ?"([^"]*)"| \| (\w+)(=~?)"([^"]*)"`)

func (w *world) answer(out http.ResponseWriter, r *http.Request, query string) {
	from, _ := strconv.ParseInt(r.URL.Query().Get("start"), 10, 64)
	to, _ := strconv.ParseInt(r.URL.Query().Get("end"), 10, 64)
	found := []any{}
	for _, one := range w.lines {
		labels := maps.Clone(one.labels)
		maps.Copy(labels, one.metadata)
		if one.passes(query) && one.at.UnixNano() >= from && one.at.UnixNano() < to {
			found = append(found, map[string]any{"stream": labels, "values": [][]string{{fmt.Sprint(one.at.UnixNano()), one.text}}})
		}
	}
	_ = json.NewEncoder(out).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": found}})
}

func fits(op, pattern, value string) bool {
	if op == "=" {
		return pattern == value
	}
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(value)
}

func (l line) passes(query string) bool {
	parts := logql.FindStringSubmatch(query)
	if !fits(parts[2], parts[3], l.labels[parts[1]]) {
		return false
	}
	labels := maps.Clone(l.labels)
	maps.Copy(labels, l.metadata)
	if strings.Contains(query, "| json") {
		fields := map[string]string{}
		_ = json.Unmarshal([]byte(l.text), &fields)
		maps.Copy(labels, fields)
	}
	for _, filter := range filters.FindAllStringSubmatch(parts[4], -1) {
		if filter[2] == "" && !strings.Contains(l.text, filter[1]) || filter[2] != "" && !fits(filter[3], filter[4], labels[filter[2]]) {
			return false
		}
	}
	return true
}
