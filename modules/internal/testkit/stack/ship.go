// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"
)

// Shipment says whose lines a shipper sends, and in which form.
type Shipment struct {
	// Tenant owns the lines.
	Tenant string
	// Labels are those of the stream.
	Labels map[string]string
	// Dress turns a line of the file into one for Loki; nil leaves it as it is.
	Dress func(line []byte) []byte
	// Metadata reads structured metadata from a line of the file; nil is none.
	Metadata func(line []byte) map[string]string
}

// often is the interval at which a shipper looks for new lines.
const often = 100 * time.Millisecond

// Ship sends the lines of a log file to Loki as they appear, until the end of
// the test.
func (l Loki) Ship(t *testing.T, file string, s Shipment) {
	t.Helper()
	follow(t, file, func(lines []byte) error { return l.push(t.Context(), s, lines) })
}

// follow passes on the lines of a file as they appear, until the end of the test;
// lines that are not taken are passed on again.
func follow(t *testing.T, file string, take func(lines []byte) error) {
	t.Helper()
	ended := make(chan struct{})
	t.Cleanup(func() { <-ended })
	go func() {
		defer close(ended)
		read := 0
		for tick := time.NewTicker(often); ; {
			select {
			case <-t.Context().Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			text, _ := os.ReadFile(file) // created with the first line
			if fresh := whole(text[read:]); len(fresh) > 0 && take(fresh) == nil {
				read += len(fresh)
			}
		}
	}()
}

// whole is the part of a text that ends with its last full line.
func whole(text []byte) []byte { return text[:bytes.LastIndexByte(text, '\n')+1] }

// push sends lines by Loki's own API; the caller retries failures
// (grafana/loki, docs/sources/reference/loki-http-api.md, push).
func (l Loki) push(ctx context.Context, s Shipment, lines []byte) error {
	values := [][]any{}
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSpace(line)
		value := []any{strconv.FormatInt(time.Now().UnixNano(), 10), string(line)}
		if s.Dress != nil {
			value[1] = string(s.Dress(line))
		}
		if s.Metadata != nil {
			value = append(value, s.Metadata(line))
		}
		values = append(values, value)
	}
	body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": s.Labels, "values": values}}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL+"/loki/api/v1/push", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Scope-OrgID", s.Tenant)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if words, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("push to Loki: %s: %s", answer.Status, words)
	}
	return nil
}
