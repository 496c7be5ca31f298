// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

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
// new pod, and a log line until the node hands it on.
const (
	answerTimeout = 30 * time.Second
	entryTimeout  = time.Minute
)

// backoff is how often the answer and the log are looked for.
var backoff = wait.Pace{First: 100 * time.Millisecond, Longest: 2 * time.Second}

// sendProbe sends one request through Traefik and looks for its trace ID in the
// access log. It writes nothing to the cluster.
func (c *client) sendProbe(spec Spec, status Status) do {
	return func(ctx context.Context, _ writer) error {
		request, err := c.request(ctx, spec, status)
		if err != nil {
			return err
		}
		entry, err := c.awaitEntry(ctx, status, request)
		if err != nil {
			return request.explain(status.Workload.Args, err)
		}
		c.probe = request.result(entry)
		return status.Proposal.target.verify(request, entry)
	}
}

// awaitEntry waits until the access log has the request.
func (c *client) awaitEntry(ctx context.Context, status Status, request probeRequest) (entry logEntry, err error) {
	const what = "the access-log line of the request"
	_, err = wait.Within(ctx, what, entryTimeout, backoff, func(ctx context.Context) (bool, string, error) {
		logs, err := c.logs(ctx, status.Workload, request.sent)
		if err != nil {
			return false, "", err
		}
		entry = request.in(logs, status.Proposal.target.version.TraceIDField)
		return entry.pod != "", "it is not in the logs of " + strings.Join(names(logs), ", "), nil
	})
	return entry, err
}

// request sends the request. Its answer may be any: the way through the entry
// point is what counts.
func (c *client) request(ctx context.Context, spec Spec, status Status) (sent probeRequest, err error) {
	origin, err := c.origin(ctx, spec, status.Workload)
	if err != nil {
		return sent, err
	}
	client, err := spec.httpClient()
	if err != nil {
		return sent, err
	}
	_, err = wait.Within(ctx, "an answer of Traefik at "+origin, answerTimeout, backoff, func(ctx context.Context) (bool, string, error) {
		sent, err = status.Proposal.target.send(ctx, client, origin, spec)
		if err != nil && fault.KindOf(err) == fault.Unreachable {
			return false, err.Error(), nil
		}
		return err == nil, "", err
	})
	return sent, fault.Doing("send a request through Traefik", err)
}

// httpClient trusts what the task says. It does not follow a redirect, which has
// gone through Traefik as well.
func (s Spec) httpClient() (*http.Client, error) {
	names := certificate.Names{Validate: "url_validate_certs", CA: "url_ca_cert"}
	trust, err := certificate.Files{Names: names, Validate: s.URLValidateCerts, CA: s.URLCACert}.Config()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: names.Over(transport), CheckRedirect: stay, Timeout: answerTimeout}, nil
}

// origin is where Traefik listens: what the task says, else the address of its
// Service, else the host name itself.
func (c *client) origin(ctx context.Context, spec Spec, w Workload) (string, error) {
	if spec.IngressURL != "" {
		return spec.IngressURL, nil
	}
	services, err := c.cluster.Services(ctx, w.Namespace, w.Selector)
	if err != nil {
		return "", err
	}
	for _, service := range services {
		if address := kube.Balanced(service); address != "" {
			return "http://" + address, nil
		}
	}
	return "http://" + spec.IngressHost, nil
}

func (t target) send(ctx context.Context, client *http.Client, origin string, spec Spec) (probeRequest, error) {
	sent := probeRequest{id: tempo.NewTraceID(), mark: "probe-" + string(tempo.NewSpanID()), sent: time.Now()}
	address, err := url.Parse(strings.TrimRight(origin, "/") + "/" + strings.TrimLeft(spec.IngressPath, "/"))
	if err != nil {
		return sent, fault.As(fault.Usage, "ingress_path must be a path", "read ingress_path", err)
	}
	query := address.Query()
	query.Set("probe", sent.mark)
	address.RawQuery = query.Encode()
	sent.url = address.Redacted()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return sent, err
	}
	if spec.IngressHost != "" {
		request.Host = spec.IngressHost
	}
	sent.injected = t.inject(request.Header, sent.id)
	answer, err := client.Do(request)
	if err != nil {
		return sent, err
	}
	sent.status = answer.StatusCode
	return sent, answer.Body.Close()
}

// inject puts the trace into headers that this Traefik reads, and reports whether
// it reads any that are known here.
func (t target) inject(header http.Header, id tempo.TraceID) bool {
	read, span := t.propagators(), string(tempo.NewSpanID())
	switch {
	case t.version.Export == compat.Zipkin || slices.Contains(read, "b3multi"):
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
