// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// writer is what the steps work with.
type writer struct {
	sender sender
	file   interface {
		Write(path string, data []byte, mode fs.FileMode) error
	}
}

// sender sends what a proof sends.
type sender interface {
	// Send gives a trace to a receiver, and says for people how it went there.
	Send(ctx context.Context, receiver Hop, address string, trace tempo.Trace) (via string, err error)
	// Request sends a request through Traefik, once.
	Request(*http.Request) (*http.Response, error)
	// Close ends the forwarded ports.
	Close()
}

// disk is the managed host's.
type disk struct{}

// Write replaces a file, or makes it.
func (disk) Write(path string, data []byte, mode fs.FileMode) error {
	return file.Write(path, data, mode)
}

// do is what a step does.
type do = func(context.Context, writer) error

// prober makes the checks. It holds what can send, so that only a step has one.
type prober struct {
	*client
	writer
	spec Spec
}

// checks are how the hops are checked, but for the receivers. Each returns what
// was seen, and how long it took from the sending to the finding.
var checks = map[Hop]func(prober, context.Context) (string, time.Duration, error){
	Query: prober.ready, Search: prober.search, Metrics: prober.metrics, Ingress: prober.ingress, Traefik: prober.traefikSpan,
	Application: prober.application, AccessLog: prober.accessLog, DerivedField: prober.derivedField, Grafana: prober.inGrafana,
	SpanLogs: prober.spanLogs, SpanMetrics: prober.spanMetrics, ServiceGraph: prober.serviceGraph, Exemplars: prober.exemplars,
}

// checkHop checks a hop. A failure is recorded and does not end the run: what
// comes after it may tell more.
func (c *client) checkHop(spec Spec, hop Hop) do {
	return func(ctx context.Context, w writer) error {
		if by, blocked := c.run.blocked(hop); blocked {
			c.run.skip(hop, by)
			return nil
		}
		detail, took, err := prober{c, w, spec}.check(ctx, hop)
		c.run.note(hop, took, detail, err)
		last := c.run.results[len(c.run.results)-1]
		wait.Report(ctx, "%-13s %-7s %6d ms  %s", last.Hop, last.Outcome, last.Took.Milliseconds(), last.Detail)
		return c.run.over(ctx, hop)
	}
}

func (p prober) check(ctx context.Context, hop Hop) (detail string, took time.Duration, err error) {
	if err := p.problem(ctx, hop); err != nil {
		return "", 0, err
	}
	if check := checks[hop]; check != nil {
		return check(p, ctx)
	}
	return p.receiver(ctx, hop)
}

// verdict writes the report before it says how the proof went.
func (c *client) verdict(spec Spec) do {
	return func(ctx context.Context, w writer) error {
		defer w.sender.Close()
		unwritten := c.report(ctx, spec, w)
		err := c.run.verdict()
		if err == nil || unwritten == nil {
			return errors.Join(err, unwritten)
		}
		return fault.Wrap(fault.KindOf(err), fault.HintOf(err), err.Error()+"; also failed", unwritten)
	}
}

// report writes the page. It is for people and holds no secret, though servers may
// have repeated one in what they said.
func (c *client) report(ctx context.Context, spec Spec, w writer) error {
	if spec.Report == "" {
		return nil
	}
	page, err := c.page(spec).With(func(text string) string { return secret.Hide(ctx, text) }).Render()
	if err != nil {
		return fault.Wrap(fault.Internal, "", "make the report", err)
	}
	if err := w.file.Write(spec.Report, page, 0o644); err != nil {
		return fault.During("write the report", err)
	}
	c.run.reported = true
	return nil
}
