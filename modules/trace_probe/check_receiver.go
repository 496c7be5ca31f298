// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"fmt"
	"time"

	"github.com/picluster/tracing/modules/internal/tempo"
)

// markKey is the attribute by which a search finds the spans of one run.
const markKey = "probe.run"

// sample is a small trace of our own: a caller and what it called.
func (r *run) sample(hop Hop) tempo.Trace {
	const service = "picluster-probe"
	root, now := tempo.NewSpanID(), time.Now()
	attributes := map[string]string{markKey: r.mark, "probe.receiver": string(hop)}
	return tempo.Trace{ID: tempo.NewTraceID(), Spans: []tempo.Span{
		{ID: root, Service: service, Name: "probe " + string(hop), Kind: tempo.Serving, Start: now.Add(-20 * time.Millisecond), Duration: 20 * time.Millisecond, Attributes: attributes},
		{ID: tempo.NewSpanID(), Parent: root, Service: service, Name: "work", Start: now.Add(-15 * time.Millisecond), Duration: 10 * time.Millisecond, Attributes: attributes},
	}}
}

// receiver sends a trace to a receiver and looks for it.
func (p prober) receiver(ctx context.Context, hop Hop) (string, time.Duration, error) {
	address := p.observed.Endpoints[string(hop)]
	if address == "" {
		return "", 0, failure(Unanswered, "Tempo has no endpoint %s", hop)
	}
	trace, begin := p.run.sample(hop), time.Now()
	via, err := p.send(ctx, hop, address, trace)
	if err != nil {
		return "", 0, err
	}
	found, err := p.find(ctx, trace.ID, func(found tempo.Trace) bool { return len(found.Spans) >= len(trace.Spans) })
	if err != nil {
		return "", time.Since(begin), err
	}
	p.run.traces[hop] = found
	return fmt.Sprintf("trace %s came back with %d spans; sent %s", trace.ID, len(found.Spans), via), time.Since(begin), nil
}

// send sends a trace until the receiver takes it; the spans of one trace count
// once.
func (p prober) send(ctx context.Context, hop Hop, address string, trace tempo.Trace) (via string, err error) {
	err = repeat(ctx, "receiver "+string(hop), min(p.spec.WaitTimeout, startup), func(ctx context.Context) (err error) {
		via, err = p.sender.Send(ctx, hop, address, trace)
		return err
	})
	return via, err
}
