// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefikprobe sends one request through Traefik, and finds its access log
// line with the trace ID that was sent along.
package traefikprobe

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
	"github.com/picluster/tracing/modules/internal/wait"
)

// probeRequest is one request through Traefik.
type probeRequest struct {
	url string
	// mark is in its query, and nowhere else.
	mark string
	id   tempo.TraceID
	// injected is whether the request told Traefik the ID.
	injected bool
	status   int
	sent     time.Time
}

// Times of a probe: an answer may be missing until the node's rules follow the
// new pod, and a log line until the node passes it on.
const (
	answerTimeout = 30 * time.Second
	entryTimeout  = time.Minute
)

// backoff is how often the answer and the log are looked for.
var backoff = wait.Backoff{Initial: 100 * time.Millisecond, Max: 2 * time.Second}

// Probe is a request to send. It writes nothing to the cluster.
type Probe struct {
	Cluster  kube.Reader
	Workload traefikfind.Workload
	// Target are the settings that Traefik runs with.
	Target traefikchart.Target
	// URL is where Traefik listens, "" for the address of its Service; Host and Path
	// are those of the Ingress.
	URL, Host, Path string
	// Trust is for an HTTPS URL.
	Trust certificate.Files
}

// Send sends the request and waits for its line. What was seen is told as soon as
// there is a line, and is nil before.
func (p Probe) Send(ctx context.Context) (seen map[string]any, err error) {
	request, err := p.request(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := p.awaitEntry(ctx, request)
	if err != nil {
		return nil, request.explain(p.Workload.Args, err)
	}
	return request.result(entry), verify(p.Target, request, entry)
}

// awaitEntry waits until the access log has the request.
func (p Probe) awaitEntry(ctx context.Context, request probeRequest) (entry logEntry, err error) {
	const what = "the access-log line of the request"
	_, err = wait.Within(ctx, what, entryTimeout, backoff, func(ctx context.Context) (bool, string, error) {
		logs, err := p.logs(ctx, request.sent)
		if err != nil {
			return false, "", err
		}
		entry = request.in(logs, p.Target.Version.TraceIDField)
		return entry.pod != "", "it is not in the logs of " + strings.Join(names(logs), ", "), nil
	})
	return entry, err
}

// request sends the request. Its answer may be any: the way through the entry
// point is what counts.
func (p Probe) request(ctx context.Context) (sent probeRequest, err error) {
	origin, err := p.origin(ctx)
	if err != nil {
		return sent, err
	}
	client, err := p.httpClient()
	if err != nil {
		return sent, err
	}
	_, err = wait.Within(ctx, "an answer of Traefik at "+origin, answerTimeout, backoff, func(ctx context.Context) (bool, string, error) {
		sent, err = p.send(ctx, client, origin)
		if err != nil && fault.KindOf(err) == fault.Unreachable {
			return false, err.Error(), nil
		}
		return err == nil, "", err
	})
	return sent, fault.During("send a request through Traefik", err)
}

// httpClient trusts what the task says. It does not follow a redirect, which has
// gone through Traefik as well.
func (p Probe) httpClient() (*http.Client, error) {
	trust, err := p.Trust.Config()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: p.Trust.Names.Over(transport), CheckRedirect: stay, Timeout: answerTimeout}, nil
}

// origin is where Traefik listens: what the task says, else the address of its
// Service, else the host name itself.
func (p Probe) origin(ctx context.Context) (string, error) {
	if p.URL != "" {
		return p.URL, nil
	}
	services, err := p.Cluster.Services(ctx, p.Workload.Namespace, p.Workload.Selector)
	if err != nil {
		return "", err
	}
	for _, service := range services {
		if address := kube.LoadBalancerAddress(service); address != "" {
			return "http://" + address, nil
		}
	}
	return "http://" + p.Host, nil
}

func (p Probe) send(ctx context.Context, client *http.Client, origin string) (probeRequest, error) {
	sent := probeRequest{id: tempo.NewTraceID(), mark: "probe-" + string(tempo.NewSpanID()), sent: time.Now()}
	address, err := url.Parse(strings.TrimRight(origin, "/") + "/" + strings.TrimLeft(p.Path, "/"))
	if err != nil {
		return sent, fault.Wrap(fault.Usage, "ingress_path must be a path", "read ingress_path", err)
	}
	query := address.Query()
	query.Set("probe", sent.mark)
	address.RawQuery = query.Encode()
	sent.url = address.Redacted()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return sent, err
	}
	if p.Host != "" {
		request.Host = p.Host
	}
	sent.injected = inject(p.Target, request.Header, sent.id)
	answer, err := client.Do(request)
	if err != nil {
		return sent, err
	}
	sent.status = answer.StatusCode
	return sent, answer.Body.Close()
}

// inject puts the trace into headers that this Traefik reads, and reports whether
// it reads any that are known here.
func inject(t traefikchart.Target, header http.Header, id tempo.TraceID) bool {
	read, span := t.Reads(), string(tempo.NewSpanID())
	switch {
	case t.Version.Export == compat.Zipkin || slices.Contains(read, "b3multi"):
		header.Set("X-B3-TraceId", string(id))
		header.Set("X-B3-SpanId", span)
		header.Set("X-B3-Sampled", "1")
	case slices.Contains(read, "b3"):
		header.Set("b3", string(id)+"-"+span+"-1")
	case slices.Contains(read, "tracecontext"):
		header.Set("traceparent", "00-"+string(id)+"-"+span+"-01")
	default:
		return false
	}
	return true
}
