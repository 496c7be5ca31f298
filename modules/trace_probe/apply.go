// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// step is one leg of the proof.
type step interface {
	do(context.Context, *Module, Args) error
}

type (
	goHop   struct{ hop Hop }
	verdict struct{}
)

// Apply goes one hop, or gives the verdict on all of them.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	return change.Payload.(step).do(ctx, m, args)
}

// walks are how the hops are gone. Each returns what was seen, and how long it
// took from the sending to the finding.
var walks = map[Hop]func(*Module, context.Context, Args) (string, time.Duration, error){
	Query: (*Module).askedTempo, Search: (*Module).search, Ingress: (*Module).request, Traefik: (*Module).traefikSpan,
	Application: (*Module).application, AccessLog: (*Module).accessLog, DerivedField: (*Module).derivedField, Grafana: (*Module).inGrafana,
}

// do goes a hop. That it fails is noted and does not end the run: what comes
// after it may tell more.
func (s goHop) do(ctx context.Context, m *Module, args Args) error {
	if by, blocked := m.trip.blocked(s.hop); blocked {
		m.trip.outcomes = append(m.trip.outcomes, Outcome{Hop: s.hop, Status: Skipped, Detail: "not tried, since " + string(by) + " did not pass"})
		return nil
	}
	var detail string
	var took time.Duration
	err := m.trouble(ctx, args, s.hop)
	switch walk := walks[s.hop]; {
	case err != nil:
	case walk == nil:
		detail, took, err = m.receive(ctx, args, s.hop)
	default:
		detail, took, err = walk(m, ctx, args)
	}
	m.trip.note(s.hop, took, detail, err)
	last := m.trip.outcomes[len(m.trip.outcomes)-1]
	wait.Report(ctx, "%-13s %-7s %6d ms  %s", last.Hop, last.Status, last.Took.Milliseconds(), last.Detail)
	return ctxEnded(ctx, s.hop, m.trip)
}

// ctxEnded ends a run whose time is over; the verdict then is that of the hop.
func ctxEnded(ctx context.Context, hop Hop, trip *trip) error {
	if ctx.Err() == nil {
		return nil
	}
	if err := trip.verdict(); err != nil {
		return err
	}
	return fault.Doing("hop "+string(hop), ctx.Err())
}

// do writes the report before it says how the proof went.
func (verdict) do(_ context.Context, m *Module, args Args) error {
	defer m.survey.roads.close()
	unwritten := m.report(args.Report)
	err := m.trip.verdict()
	if err == nil || unwritten == nil {
		return errors.Join(err, unwritten)
	}
	return fault.As(fault.KindOf(err), fault.HintOf(err), err.Error()+"; also failed", unwritten)
}

// receive sends a trace to a receiver and looks for it.
func (m *Module) receive(ctx context.Context, args Args, hop Hop) (string, time.Duration, error) {
	address := m.survey.Endpoints[string(hop)]
	if address == "" {
		return "", 0, lose(Unanswered, "Tempo has no endpoint %s", hop)
	}
	trace, begin := m.sample(hop), time.Now()
	via, err := m.accepted(ctx, args, hop, address, trace)
	if err != nil {
		return "", 0, err
	}
	found, err := m.find(ctx, args, trace.ID, func(found tempo.Trace) bool { return len(found.Spans) >= len(trace.Spans) })
	if err != nil {
		return "", time.Since(begin), err
	}
	m.trip.found[hop] = found
	return fmt.Sprintf("trace %s came back with %d spans; sent %s", trace.ID, len(found.Spans), via), time.Since(begin), nil
}

// send returns by which way the trace went.
func (m *Module) send(ctx context.Context, hop Hop, address string, trace tempo.Trace) (via string, err error) {
	if hop == OTLPgRPC {
		way, err := m.survey.roads.grpc(ctx, address)
		if err != nil {
			return "", err
		}
		return way.Via, tempo.SendOTLPgRPC(ctx, way, trace)
	}
	way, err := m.survey.roads.http(ctx, address)
	if err != nil {
		return "", err
	}
	if hop == Zipkin {
		return way.Via, tempo.SendZipkin(ctx, way, trace)
	}
	return way.Via, tempo.SendOTLPHTTP(ctx, way, trace)
}

// request sends one request through Traefik, with B3 headers and nothing else
// that carries a trace.
func (m *Module) request(ctx context.Context, args Args) (string, time.Duration, error) {
	address, err := url.Parse(strings.TrimRight(m.survey.origin, "/") + "/" + strings.TrimLeft(args.IngressPath, "/"))
	if err != nil {
		return "", 0, fault.As(fault.Usage, "ingress_path must be a path", "read ingress_path", err)
	}
	values := address.Query()
	values.Set("probe", m.trip.mark)
	address.RawQuery = values.Encode()
	request, err := http.NewRequestWithContext(retry.Verbatim(ctx), http.MethodGet, address.String(), nil)
	if err != nil {
		return "", 0, err
	}
	if args.IngressHost != "" {
		request.Host = args.IngressHost
	}
	m.trip.sent, m.trip.asked = time.Now(), tempo.NewTraceID()
	request.Header.Set("X-B3-TraceId", string(m.trip.asked))
	request.Header.Set("X-B3-SpanId", string(tempo.NewSpanID()))
	request.Header.Set("X-B3-Sampled", "1")
	request.Header.Set("User-Agent", m.trip.mark)
	answer, err := m.listened(ctx, args, request)
	took := time.Since(m.trip.sent)
	if err != nil {
		return "", took, fault.Doing("send a request through Traefik at "+m.survey.origin, err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	return fmt.Sprintf("%s answered %s", request.Host, answer.Status), took, judged(answer.StatusCode, body)
}

// judged tells answers that Traefik gives by itself.
func judged(status int, body []byte) error {
	switch status {
	case http.StatusNotFound:
		if strings.TrimSpace(string(body)) == "404 page not found" {
			return lose(NoRoute, "Traefik answered 404 page not found")
		}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return lose(NoBackend, "Traefik answered %d %s", status, http.StatusText(status))
	}
	return nil
}
