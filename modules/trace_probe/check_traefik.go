// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/startup"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// ingress sends one request through Traefik, with B3 headers and nothing else
// that carries a trace.
func (p prober) ingress(ctx context.Context) (string, time.Duration, error) {
	address, err := url.Parse(strings.TrimRight(p.observed.Origin, "/") + "/" + strings.TrimLeft(p.spec.IngressPath, "/"))
	if err != nil {
		return "", 0, fault.Wrap(fault.Usage, "ingress_path must be a path", "read ingress_path", err)
	}
	values := address.Query()
	values.Set("probe", p.run.mark)
	address.RawQuery = values.Encode()
	request, err := http.NewRequestWithContext(retry.Verbatim(ctx), http.MethodGet, address.String(), nil)
	if err != nil {
		return "", 0, err
	}
	if p.spec.IngressHost != "" {
		request.Host = p.spec.IngressHost
	}
	p.run.sent, p.run.asked = time.Now(), tempo.NewTraceID()
	request.Header.Set("X-B3-TraceId", string(p.run.asked))
	request.Header.Set("X-B3-SpanId", string(tempo.NewSpanID()))
	request.Header.Set("X-B3-Sampled", "1")
	request.Header.Set("User-Agent", p.run.mark)
	answer, err := p.listen(ctx, request)
	took := time.Since(p.run.sent)
	if err != nil {
		return "", took, fault.During("send a request through Traefik at "+p.observed.Origin, err)
	}
	defer answer.Body.Close()
	p.run.answered = answer.StatusCode
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	return fmt.Sprintf("%s answered %s", request.Host, answer.Status), took, checkAnswer(answer.StatusCode, body)
}

// checkAnswer tells answers that Traefik gives by itself.
func checkAnswer(status int, body []byte) error {
	switch status {
	case http.StatusNotFound:
		if strings.TrimSpace(string(body)) == "404 page not found" {
			return failure(NoRoute, "Traefik answered 404 page not found")
		}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return failure(NoBackend, "Traefik answered %d %s", status, http.StatusText(status))
	}
	return nil
}

// doubt is about an answer of the application that is no page: its trace is whole
// all the same.
func (r *run) doubt() string {
	if r.answered < http.StatusBadRequest {
		return ""
	}
	return fmt.Sprintf("the application answered %d %s: choose an ingress_path that it has (verify_ingress_path in the role), so that the request goes all the way",
		r.answered, http.StatusText(r.answered))
}

// listen sends a request until somebody listens: Traefik may have been restarted
// just now.
func (p prober) listen(ctx context.Context, request *http.Request) (answer *http.Response, err error) {
	err = startup.Repeat(ctx, "Traefik", min(p.spec.WaitTimeout, startup.Limit), func(context.Context) (err error) {
		p.run.sent = time.Now()
		answer, err = p.sender.Request(request) //nolint:bodyclose // whoever gets the answer closes it
		return err
	})
	return answer, err
}

// traefikSpan looks for the trace of the request, and for Traefik's part in it.
func (p prober) traefikSpan(ctx context.Context) (string, time.Duration, error) {
	trace, err := p.find(ctx, p.run.asked, func(trace tempo.Trace) bool { return len(trace.Of(p.spec.TraefikService)) > 0 })
	took := time.Since(p.run.sent)
	if err != nil {
		return "", took, p.explain(ctx, trace, err)
	}
	p.run.traces[Traefik] = trace
	return fmt.Sprintf("trace %s has %d spans of %s", trace.ID, len(trace.Spans), strings.Join(trace.Services(), ", ")), took, nil
}

// userAgent are the names under which Traefik's spans hold the caller's name
// (OpenTelemetry, HTTP spans; Traefik v3.0 has the first).
var userAgent = []string{"user_agent.original", "http.user_agent"}

// explain says why there is no span of Traefik under the asked id. Spans of
// the application alone may be there: headers that Traefik does not know it
// passes on as they are.
func (p prober) explain(ctx context.Context, trace tempo.Trace, err error) error {
	var known *loss
	if errors.As(err, &known) && known.symptom == LookupFails {
		return err
	}
	for _, name := range userAgent {
		ids, on, searchErr := p.query.Search(ctx, map[string]string{name: p.run.mark})
		if on && searchErr == nil && len(ids) > 0 && !p.run.asked.Same(string(ids[0])) {
			p.run.given = ids[0]
			return failure(OtherID, "the request's spans are in trace %s, not in %s", ids[0], p.run.asked)
		}
	}
	others := slices.DeleteFunc(trace.Services(), func(service string) bool { return slices.Contains(p.spec.Services, service) })
	switch {
	case len(others) > 0:
		return failure(NoSpan, "trace %s has spans of %s, and none of %s", trace.ID, strings.Join(trace.Services(), ", "), p.spec.TraefikService)
	case len(trace.Spans) > 0:
		return failure(NotFound, "trace %s has spans of the application only: %s", trace.ID, strings.Join(trace.Services(), ", "))
	}
	return &loss{NotFound, err}
}

// application waits for the spans of the named services beneath Traefik's.
func (p prober) application(ctx context.Context) (string, time.Duration, error) {
	missing := func(trace tempo.Trace) []string {
		return slices.DeleteFunc(slices.Clone(p.spec.Services), func(service string) bool { return hasBelow(trace, p.spec.TraefikService, service) })
	}
	trace, err := p.find(ctx, p.run.asked, func(trace tempo.Trace) bool { return len(missing(trace)) == 0 })
	took := time.Since(p.run.sent)
	if left := missing(trace); len(left) > 0 {
		return "", took, &loss{NoChildren, fault.During("no span of "+strings.Join(left, ", ")+" beneath Traefik's", err)}
	}
	p.run.traces[Application] = trace
	return "spans of " + strings.Join(p.spec.Services, ", ") + " beneath Traefik's", took, err
}

// hasBelow reports whether a service has a span below one of Traefik's.
func hasBelow(trace tempo.Trace, top, service string) bool {
	for _, span := range trace.Of(top) {
		if slices.ContainsFunc(trace.Beneath(span), func(below tempo.Span) bool { return below.Service == service }) {
			return true
		}
	}
	return false
}
