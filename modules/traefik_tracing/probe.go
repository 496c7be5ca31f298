// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/wait"
)

// probing is what Apply needs to send one request through Traefik.
type probing struct {
	found  Found
	target target
}

// shot is one request through Traefik.
type shot struct {
	url, mark string
	id        tempo.TraceID
	// carried is whether the request told Traefik the ID.
	carried bool
	status  int
	sent    time.Time
}

// Times of a probe: an answer may be missing until the node's rules follow the
// new pod, and a log line until the node hands it on.
const (
	patienceForAnswer = 30 * time.Second
	patienceForLine   = time.Minute
)

// pace is how often is looked.
var pace = wait.Pace{First: 100 * time.Millisecond, Longest: 2 * time.Second}

// probe sends one request through Traefik and looks for its trace ID in the
// access log.
func (m *Module) probe(ctx context.Context, args Args, p probing) error {
	made, err := m.shoot(ctx, args, p)
	if err != nil {
		return err
	}
	what, about := "the access-log line of the request", sighting{}
	_, err = wait.Within(ctx, what, patienceForLine, pace, func(ctx context.Context) (bool, string, error) {
		logs, err := m.printed(ctx, p.found.Workload, made.sent)
		if err != nil {
			return false, "", err
		}
		about = made.in(logs, p.target.version.TraceIDField)
		return about.pod != "", "it is not in the logs of " + strings.Join(names(logs), ", "), nil
	})
	if err != nil {
		return made.unseen(p.found.Workload.Args, err)
	}
	m.probed = made.shown(about)
	return p.target.proved(made, about)
}

// shoot sends the request. Its answer may be any: the way through the entry
// point is what counts.
func (m *Module) shoot(ctx context.Context, args Args, p probing) (made shot, err error) {
	origin, err := m.origin(ctx, args, p.found.Workload)
	if err != nil {
		return shot{}, err
	}
	client, err := args.client()
	if err != nil {
		return shot{}, err
	}
	_, err = wait.Within(ctx, "an answer of Traefik at "+origin, patienceForAnswer, pace, func(ctx context.Context) (bool, string, error) {
		made, err = p.target.send(ctx, client, origin, args)
		if err != nil && fault.KindOf(err) == fault.Unreachable {
			return false, err.Error(), nil
		}
		return err == nil, "", err
	})
	return made, fault.Doing("send a request through Traefik", err)
}

// client trusts what the task says. It does not follow a redirect, which has
// gone through Traefik as well.
func (a Args) client() (*http.Client, error) {
	trust, err := certificate.Files{Validate: a.URLValidateCerts, CA: a.URLCACert}.Config()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: stay, Timeout: patienceForAnswer}, nil
}

// origin is where Traefik listens: what the task says, else the address of its
// Service, else the host name itself.
func (m *Module) origin(ctx context.Context, args Args, w Workload) (string, error) {
	if args.IngressURL != "" {
		return args.IngressURL, nil
	}
	list, err := m.clients.Core.Services(w.Namespace).List(ctx, meta.ListOptions{LabelSelector: w.Selector})
	if err != nil {
		return "", kube.Fault("list the Services of Traefik", err)
	}
	for _, service := range list.Items {
		if address := kube.Balanced(service); address != "" {
			return "http://" + address, nil
		}
	}
	return "http://" + args.IngressHost, nil
}

func (t target) send(ctx context.Context, client *http.Client, origin string, args Args) (shot, error) {
	made := shot{id: tempo.NewTraceID(), mark: "probe-" + string(tempo.NewSpanID()), sent: time.Now()}
	address, err := url.Parse(strings.TrimRight(origin, "/") + "/" + strings.TrimLeft(args.IngressPath, "/"))
	if err != nil {
		return made, fault.As(fault.Usage, "ingress_path must be a path", "read ingress_path", err)
	}
	query := address.Query()
	query.Set("probe", made.mark)
	address.RawQuery = query.Encode()
	made.url = address.Redacted()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return made, err
	}
	if args.IngressHost != "" {
		request.Host = args.IngressHost
	}
	made.carried = t.carry(request.Header, made.id)
	answer, err := client.Do(request)
	if err != nil {
		return made, err
	}
	made.status = answer.StatusCode
	return made, answer.Body.Close()
}

// carry puts the trace into headers that this Traefik reads, and reports whether
// it reads any that are known here.
func (t target) carry(header http.Header, id tempo.TraceID) bool {
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
