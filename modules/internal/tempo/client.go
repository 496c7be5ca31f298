// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Target is how to reach one endpoint.
type Target struct {
	// URL is the endpoint's own, or that of a proxy in front of it.
	URL string
	// HTTP is the client to use.
	HTTP *http.Client
	// Tenant is sent as X-Scope-OrgID when it is not empty.
	Tenant string
	// Via says how, for messages: "directly", "through a forwarded port".
	Via string
}

// Client asks a query frontend.
type Client struct {
	target  Target
	version string
}

// Refusal is an answer other than a success.
type Refusal struct {
	Status int
	// Message is the first line of what the server said.
	Message string
}

// Error is the status with the server's words.
func (r *Refusal) Error() string {
	return strings.TrimRight(fmt.Sprintf("%d %s: %s", r.Status, http.StatusText(r.Status), r.Message), ": ")
}

// StatusOf returns the status of the Refusal in err, or 0.
func StatusOf(err error) int {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return 0
}

// Open asks whether the query frontend is ready and which version it is. The
// version is "" where it does not say.
func Open(ctx context.Context, target Target) (*Client, error) {
	client := &Client{target: target}
	body, err := client.get(ctx, "/ready", nil)
	if err != nil {
		return nil, fault.During("ask Tempo whether it is ready", err)
	}
	if !strings.HasPrefix(string(body), "ready") {
		return nil, fault.New(fault.Rejected, "check the address: it must be the HTTP port of Tempo's query frontend, 3100 or 3200", "ask Tempo whether it is ready: something else answered")
	}
	client.version, err = client.readVersion(ctx)
	return client, err
}

// Version is that of the query frontend, or "".
func (c *Client) Version() string { return c.version }

// versionPattern finds the version in the line of /status/version:
// "tempo, version 1.5.0 (branch: HEAD, revision: d3880a979)".
var versionPattern = lazyregexp.Regexp{Expr: `version v?(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)`}

// readVersion asks the page that every version has (grafana/tempo,
// cmd/tempo/app/app.go, statusHandler).
func (c *Client) readVersion(ctx context.Context) (string, error) {
	body, err := c.get(ctx, "/status/version", nil)
	if StatusOf(err) != 0 {
		return "", nil
	}
	if err != nil {
		return "", fault.During("ask Tempo for its version", err)
	}
	return VersionIn(body), nil
}

// VersionIn finds the version on the page /status/version, or "".
func VersionIn(page []byte) string {
	if match := versionPattern.Get().FindSubmatch(page); match != nil {
		return string(match[1])
	}
	return ""
}

// Trace looks for a trace by its id; found is false while Tempo has none of it.
func (c *Client) Trace(ctx context.Context, id TraceID) (trace Trace, found bool, err error) {
	body, err := c.get(ctx, c.tracePath(id), nil)
	if StatusOf(err) == http.StatusNotFound {
		return Trace{}, false, nil
	}
	if err != nil {
		return Trace{}, false, fault.During("look for trace "+string(id), err)
	}
	if trace, err = decode(id, body); err != nil {
		return Trace{}, false, fault.Wrap(fault.Rejected, "", "look for trace "+string(id), err)
	}
	return trace, len(trace.Spans) > 0, nil
}

// tracePath is that of the newest lookup that the version has.
func (c *Client) tracePath(id TraceID) string {
	if compat.QueryFacts.Has(compat.Tempo, compat.TraceV2, c.version) {
		return "/api/v2/traces/" + string(id)
	}
	return "/api/traces/" + string(id)
}

// Search returns the ids of recent traces that have all of these attributes.
// Without search in that Tempo, on is false.
func (c *Client) Search(ctx context.Context, attributes map[string]string) (ids []TraceID, on bool, err error) {
	body, err := c.get(ctx, "/api/search", url.Values{"tags": {logfmt(attributes)}, "limit": {"20"}})
	if StatusOf(err) == http.StatusNotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, fault.During("search for traces", err)
	}
	var answer struct{ Traces []struct{ TraceID string } }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, true, fault.Wrap(fault.Rejected, "", "search for traces", errors.New("the answer is not JSON"))
	}
	for _, trace := range answer.Traces {
		ids = append(ids, TraceID(trace.TraceID))
	}
	return ids, true, nil
}

// logfmt writes attributes as the parameter tags takes them.
func logfmt(attributes map[string]string) string {
	var pairs []string
	for key, value := range attributes {
		pairs = append(pairs, fmt.Sprintf("%s=%q", key, value))
	}
	return strings.Join(pairs, " ")
}

func (c *Client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	address := strings.TrimRight(c.target.URL, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	return c.target.do(request)
}

// do sends a request and returns the body of a success.
func (t Target) do(request *http.Request) ([]byte, error) {
	if t.Tenant != "" {
		request.Header.Set("X-Scope-OrgID", t.Tenant)
	}
	answer, err := withRetries(t.HTTP).Do(request) //nolint:bodyclose // retry.Read closes it
	if err != nil {
		return nil, cause(err)
	}
	body, err := retry.Read(answer)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, &Refusal{Status: answer.StatusCode, Message: secret.Brief(request.Context(), string(body), 300)}
	}
	return body, nil
}

// withRetries repeats requests that failed temporarily, and bounds each: a query may
// take as long as a query frontend gives it (grafana/tempo, 30 s by default).
func withRetries(client *http.Client) *http.Client {
	repeating, next := *client, client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	repeating.Transport = retry.New(next, retry.Policy{May: mayRepeat, Timeout: 5 * time.Second, Attempt: 45 * time.Second})
	return &repeating
}

// mayRepeat lets traces be sent again where the protocol says so: a span that
// arrives twice is one (opentelemetry.io/docs/specs/otlp, "Retryable Response
// Codes"). That Tempo is not ready is an answer.
func mayRepeat(request *http.Request, status int) retry.Attempts {
	if status == http.StatusServiceUnavailable && strings.HasSuffix(request.URL.Path, "/ready") {
		return retry.Once
	}
	passing := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	if request.Method == http.MethodPost && slices.Contains(passing, status) {
		return retry.Few
	}
	return retry.Reads(request, status)
}

// cause drops method and URL from an error of net/http: callers name the
// endpoint.
func cause(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}
