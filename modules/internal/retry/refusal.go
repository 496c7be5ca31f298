// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"fmt"
	"net/http"
	"strings"
)

// Refusal is an answer of Loki or Prometheus that holds nothing of what was asked.
type Refusal struct {
	Status  int
	Message string
}

// Error is the status with the first line of the message, at most 300 bytes of it.
func (r *Refusal) Error() string {
	line, _, _ := strings.Cut(strings.TrimSpace(r.Message), "\n")
	line = strings.ToValidUTF8(line[:min(len(line), 300)], "")
	return strings.TrimRight(fmt.Sprintf("%d %s: %s", r.Status, http.StatusText(r.Status), line), ": ")
}
