// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Refusal is an answer of Loki or Prometheus that holds nothing of what was asked.
type Refusal struct {
	Status  int
	Message string
}

// Refuse is the refusal of a server, of whose message the first line is kept, at most
// 300 bytes of it, without the secrets of the run.
func Refuse(ctx context.Context, status int, message string) *Refusal {
	return &Refusal{Status: status, Message: secret.Brief(ctx, message, 300)}
}

// Error is the status with the message.
func (r *Refusal) Error() string {
	return strings.TrimRight(fmt.Sprintf("%d %s: %s", r.Status, http.StatusText(r.Status), r.Message), ": ")
}
