// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"net/http"
	"strings"
	"sync"

	"github.com/picluster/tracing/modules/internal/secret"
)

// learning makes the run's redactor know the login that a kubeconfig holds, or a file
// that it names, from the requests: a proxy before the API server may repeat their
// headers in an error.
func learning(next http.RoundTripper) http.RoundTripper { return &learner{next: next} }

type learner struct {
	next http.RoundTripper
	// known are the logins so far: a token from a file may change.
	known sync.Map
}

// Unwrap returns the transport below.
func (l *learner) Unwrap() http.RoundTripper { return l.next }

// RoundTrip learns the login of a request and sends it.
func (l *learner) RoundTrip(request *http.Request) (*http.Response, error) {
	header := request.Header.Get("Authorization")
	if _, known := l.known.LoadOrStore(header, true); !known {
		_, token, _ := strings.Cut(header, " ")
		_, password, _ := request.BasicAuth()
		secret.Learn(request.Context(), secret.NewText(token), secret.NewText(password))
	}
	return l.next.RoundTrip(request)
}
