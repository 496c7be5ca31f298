// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/retry"
)

// outage is how long an API server may be away during a run: the restart of a k3s
// server takes about ten seconds. It is shorter than a lease, so that nobody
// takes over meanwhile.
const outage = leaseDuration - 5*time.Second

// withRetries lets requests survive a short outage of an API server, and bounds
// them. One that never answered is not retried: its address may be wrong. An
// attempt may take longer than the minute after which the API server itself
// gives up (kube-apiserver --request-timeout).
func withRetries(config *rest.Config) {
	policy := retry.Policy{May: mayRepeat, Lasting: lasting, Unanswered: retry.Once, Timeout: outage, Attempt: 70 * time.Second,
		Largest: 64 << 20, Streamed: true, Buffered: 8 << 20} // client-go buffers the whole answer too
	config.Wrap(retry.Shared(policy))
}

// mayRepeat allows repeating idempotent requests. A status from behind the API server's
// proxy is not its own, and a group of an aggregated API server may be away for long:
// k3s' metrics-server is, while Helm lists all groups.
func mayRepeat(request *http.Request, status int) retry.Attempts {
	path := request.URL.Path
	switch {
	case status != 0 && strings.Contains(path, "/proxy/"):
		return retry.Once
	case aggregated.Get().MatchString(path):
		return retry.Few
	case slices.Contains([]string{http.MethodGet, http.MethodHead}, request.Method), request.URL.Query().Get("dryRun") != "":
		return retry.Passing(status)
	case slices.Contains([]string{http.MethodPut, http.MethodPatch}, request.Method) && status != http.StatusInternalServerError:
		return retry.Always
	}
	return retry.Once
}

// aggregated matches the paths at which API servers list the kinds of a group.
var aggregated = lazyregexp.Regexp{Expr: `^/apis/[^/]+/[^/]+$`}

// lasting reports whether the answer is a stream: a watch, or a followed log.
func lasting(request *http.Request) bool {
	query := request.URL.Query()
	return query.Get("watch") == "true" || query.Get("watch") == "1" || query.Get("follow") == "true"
}
