// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

// stream is the lines of one set of labels, in Loki's format: time and text.
type stream struct {
	Stream map[string]string `json:"stream"`
	Values [][2]string       `json:"values"`
}

// push sends lines by Loki's API; what Loki refuses, such as lines that are too old, it would refuse again
// (grafana/loki v3.7.8, docs/sources/reference/loki-http-api.md, "Ingest logs").
func (s shipper) push(ctx context.Context, labels map[string]string, lines []line) error {
	one := stream{Stream: labels}
	for _, line := range lines {
		one.Values = append(one.Values, [2]string{strconv.FormatInt(line.at.UnixNano(), 10), line.text})
	}
	body, err := json.Marshal(map[string]any{"streams": []stream{one}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to+"/loki/api/v1/push", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	words, _ := io.ReadAll(answer.Body)
	switch {
	case answer.StatusCode == http.StatusBadRequest:
		fmt.Fprintf(os.Stderr, "shipper: Loki refuses lines of %s: %s\n", labels["app"], words)
		return nil
	case answer.StatusCode != http.StatusNoContent:
		return fmt.Errorf("push to Loki: %s: %s", answer.Status, words)
	}
	return nil
}
