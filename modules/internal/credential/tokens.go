// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/picluster/tracing/modules/internal/secret"
)

// tokens is the token in use, and how to get the next one.
type tokens struct {
	program *program
	now     func() time.Time

	lock sync.Mutex
	last status
	// told is true once the run's redactor knows the last token.
	told bool
}

// over puts the token into requests.
func (t *tokens) over(next http.RoundTripper) http.RoundTripper { return &transport{t, next} }

type transport struct {
	tokens *tokens
	next   http.RoundTripper
}

// Unwrap returns the transport below.
func (t *transport) Unwrap() http.RoundTripper { return t.next }

// RoundTrip sends a request with the token. When the API server refuses it the next
// request has another one.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") != "" {
		return t.next.RoundTrip(request)
	}
	token, err := t.tokens.current(request.Context(), "")
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := t.next.RoundTrip(request)
	if err == nil && answer.StatusCode == http.StatusUnauthorized {
		_, _ = t.tokens.current(request.Context(), token) // the refusal tells what is wrong
	}
	return answer, err
}

// current is the token, a new one if it has expired or is the one that was refused.
func (t *tokens) current(ctx context.Context, refused string) (string, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	expired := t.last.ExpirationTimestamp != nil && t.now().After(t.last.ExpirationTimestamp.Time)
	if expired || t.last.Token == refused {
		next, err := t.program.run(ctx)
		if err != nil {
			return "", err
		}
		t.last, t.told = next, false
	}
	if !t.told {
		secret.Learn(ctx, t.program.secrets(t.last)...)
		t.told = true
	}
	return t.last.Token, nil
}
