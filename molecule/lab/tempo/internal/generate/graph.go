// SPDX-License-Identifier: AGPL-3.0-or-later

package generate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The kinds of an edge that is not a call between two spans.
const (
	database  = "database"
	messaging = "messaging_system"
	virtual   = "virtual_node"
)

// graph has the edges of which one end is not known yet, by trace and the calling span.
type graph map[end]*edge

type end struct {
	trace pcommon.TraceID
	span  pcommon.SpanID
}

// edge is a call from one service to another.
type edge struct {
	client, server         string
	kind                   string
	failed                 bool
	clientTook, serverTook float64
	trace                  pcommon.TraceID
	peer                   string // what the span says of its other end
	root                   bool   // nobody called
	expires                time.Time
}

// add completes the edge that a span belongs to, or waits for its other end (grafana/tempo,
// modules/generator/processor/servicegraphs).
func (g graph) add(into series, service string, resource ptrace.ResourceSpans, span ptrace.Span, expires time.Time) {
	key := end{span.TraceID(), span.SpanID()}
	calls := span.Kind() == ptrace.SpanKindClient || span.Kind() == ptrace.SpanKindProducer
	if span.Kind() == ptrace.SpanKindServer || span.Kind() == ptrace.SpanKindConsumer {
		key.span = span.ParentSpanID()
	} else if !calls {
		return
	}
	if g[key] == nil {
		g[key] = &edge{trace: key.trace, expires: expires}
	}
	e := g[key]
	e.failed = e.failed || span.Status().Code() == ptrace.StatusCodeError
	if peer := peerOf(resource, span, "peer.service"); peer != "" {
		e.peer = peer
	}
	if span.Kind() == ptrace.SpanKindProducer || span.Kind() == ptrace.SpanKindConsumer {
		e.kind = messaging
	}
	if calls {
		e.called(service, resource, span)
	} else {
		e.server, e.serverTook = service, lasted(span)
		e.root = span.ParentSpanID().IsEmpty() && span.Kind() == ptrace.SpanKindServer
	}
	if e.client != "" && e.server != "" {
		e.count(into)
		delete(g, key)
	}
}

// called notes the calling span. One of a database has no other end to wait for.
func (e *edge) called(service string, resource ptrace.ResourceSpans, span ptrace.Span) {
	e.client, e.clientTook = service, lasted(span)
	name := peerOf(resource, span, "peer.service", "db.namespace", "db.name", "db.system")
	if span.Kind() == ptrace.SpanKindClient && e.server == "" && peerOf(resource, span, "db.namespace", "db.name", "db.system") != "" {
		e.kind, e.server, e.serverTook = database, name, e.clientTook
	}
}

// peerOf is the first of some attributes that a span or its resource has.
func peerOf(resource ptrace.ResourceSpans, span ptrace.Span, names ...string) string {
	for _, name := range names {
		for _, attributes := range []pcommon.Map{span.Attributes(), resource.Resource().Attributes()} {
			if value, there := attributes.Get(name); there {
				return value.AsString()
			}
		}
	}
	return ""
}

// durations are the buckets of the service graph, in seconds.
var durations = doubling(0.1, 8)

func (e *edge) count(into series) {
	of := labels{"client": e.client, "server": e.server}
	if e.kind != "" {
		of["connection_type"] = e.kind
	}
	into.add("traces_service_graph_request_total", of, 1)
	if e.failed {
		into.add("traces_service_graph_request_failed_total", of, 1)
	}
	into.observe("traces_service_graph_request_client_seconds", of, durations, e.clientTook, e.trace)
	into.observe("traces_service_graph_request_server_seconds", of, durations, e.serverTook, e.trace)
}

// expire ends the waiting: the other end is what the span says of it, or the user who called a root span. Without
// either there is no edge.
func (g graph) expire(into series, now time.Time) {
	for key, e := range g {
		if now.Before(e.expires) {
			continue
		}
		delete(g, key)
		switch {
		case e.server == "":
			e.server = e.peer
		case e.root && e.peer == "":
			e.client = "user"
		case e.root:
			e.client = e.peer
		}
		if e.kind = virtual; e.client != "" && e.server != "" {
			e.count(into)
		}
	}
}
