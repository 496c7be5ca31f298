// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/golang/snappy"
)

// batch is the lines of one stream as they come in.
type batch struct {
	labels map[string]string
	lines  []entry
}

// mostBytes is the maximum size of a request.
const mostBytes = 16 << 20

// push takes logs as JSON, and under every other content type as protobuf with snappy.
func (s *server) push(tenant string, r *http.Request) (any, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, bad("%v", err)
	}
	var batches []batch
	if kind == "application/json" {
		batches, err = pushedJSON(r)
	} else {
		batches, err = pushedProtobuf(r.Body)
	}
	if err != nil {
		return nil, bad("%v", err)
	}
	return nil, s.ingest(tenant, batches)
}

func pushedJSON(r *http.Request) ([]batch, error) {
	body, err := unpacked(r)
	if err != nil {
		return nil, err
	}
	var pushed struct {
		Streams []struct {
			Stream map[string]any
			Values [][]json.RawMessage
		}
	}
	if err := json.NewDecoder(body).Decode(&pushed); err != nil {
		return nil, err
	}
	var batches []batch
	for _, one := range pushed.Streams {
		next := batch{labels: map[string]string{}}
		for name, value := range one.Stream {
			next.labels[name] = plain(value)
		}
		for _, value := range one.Values {
			line, err := pushedLine(value)
			if err != nil {
				return nil, err
			}
			next.lines = append(next.lines, line)
		}
		if err := checkNames(next.labels); err != nil {
			return nil, err
		}
		batches = append(batches, next)
	}
	return batches, nil
}

// unpacked is the body of a request, which may be compressed with gzip.
func unpacked(r *http.Request) (io.Reader, error) {
	switch coding := r.Header.Get("Content-Encoding"); coding {
	case "":
		return io.LimitReader(r.Body, mostBytes), nil
	case "gzip":
		text, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		return io.LimitReader(text, mostBytes), nil
	default:
		return nil, bad("Content-Encoding %q not supported", coding)
	}
}

// pushedLine reads ["NANOSECONDS", "LINE", {"NAME": "VALUE"}]; elements at the end may be missing.
func pushedLine(value []json.RawMessage) (line entry, err error) {
	var at string
	targets := []any{&at, &line.line, &line.metadata}
	for i := range min(len(value), len(targets)) {
		if err := json.Unmarshal(value[i], targets[i]); err != nil {
			return line, err
		}
	}
	line.at, err = strconv.ParseInt(at, 10, 64)
	return line, err
}

// plain is a label's JSON value as text.
func plain(value any) string {
	if text, isText := value.(string); isText {
		return text
	}
	raw, _ := json.Marshal(value) // it has just been read from JSON
	return string(raw)
}

// notName finds the first character that a label name must not have.
var notName = regexp.MustCompile(`^[^a-zA-Z_]|[^a-zA-Z0-9_]`)

// checkNames refuses invalid label names, in the words of the parser that Loki uses for labels.
func checkNames(labels map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if at := notName.FindStringIndex(name); at != nil {
			column := strings.Index(text(labels), name+"=") + at[0] + 1
			return bad("couldn't parse labels: 1:%d: parse error: unexpected character inside braces: '%s'", column, name[at[0]:at[1]])
		}
	}
	return nil
}

func pushedProtobuf(body io.Reader) ([]batch, error) {
	packed, err := io.ReadAll(io.LimitReader(body, mostBytes))
	if err != nil {
		return nil, err
	}
	raw, err := snappy.Decode(nil, packed)
	if err != nil {
		return nil, err
	}
	return pushRequest(raw)
}
