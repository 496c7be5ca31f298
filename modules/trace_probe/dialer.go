// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/loki"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// dialer knows how to get to an address: directly, or through the API server.
// The module reads through it as servers, and its steps send through it as
// sender.
type dialer struct {
	spec  Spec
	trust *tls.Config
	http  *http.Client
	// ingress is for requests through Traefik, whose answer is the proof whatever
	// it is.
	ingress *http.Client
	clients *kube.Clients
	// forwards end the forwarded ports.
	forwards []func()
}

var (
	_ servers = (*dialer)(nil)
	_ sender  = (*dialer)(nil)
)

// names are the options for certificates of Tempo, Traefik and Loki.
var names = certificate.Names{Validate: "url_validate_certs", CA: "url_ca_cert"}

func newDialer(spec Spec) (*dialer, error) {
	trust, err := certificate.Files{Names: names, Validate: spec.URLValidateCerts, CA: spec.URLCACert}.Config()
	if err != nil {
		return nil, err
	}
	transport := names.Over(&http.Transport{
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSClientConfig: trust, TLSHandshakeTimeout: 10 * time.Second,
		Proxy: http.ProxyFromEnvironment,
	})
	// A redirect has gone through Traefik as well: the answer itself is the proof.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	once := retry.New(transport, retry.Policy{Unanswered: retry.Once, Streamed: true, May: func(*http.Request, int) retry.Attempts { return retry.Once }})
	return &dialer{spec: spec, trust: trust, http: &http.Client{Transport: transport, CheckRedirect: stay},
		ingress: &http.Client{Transport: once, CheckRedirect: stay}}, nil
}

// Tempo asks a query frontend whether it is ready.
func (d *dialer) Tempo(ctx context.Context, address string) (*tempo.Client, error) {
	target, err := d.reachHTTP(address)
	if err != nil {
		return nil, err
	}
	return tempo.Open(ctx, target)
}

// Loki opens Loki at its own address.
func (d *dialer) Loki(address, tenant string) (loki.Get, error) {
	target, err := d.reachHTTP(address)
	if err != nil {
		return nil, err
	}
	return loki.Directly(target.URL, tenant, target.HTTP), nil
}

// Grafana opens Grafana.
func (d *dialer) Grafana() (links, error) {
	client, err := grafana.Open(d.spec.grafana())
	if err != nil {
		return nil, err
	}
	return client, nil
}

// Cluster opens the Kubernetes API.
func (d *dialer) Cluster() (kube.Reader, error) {
	clients, err := d.cluster()
	if err != nil {
		return kube.Reader{}, err
	}
	return clients.Reader(), nil
}

// Connected reports whether the Kubernetes API was needed.
func (d *dialer) Connected() bool { return d.clients != nil }

func (d *dialer) cluster() (*kube.Clients, error) {
	if d.clients != nil {
		return d.clients, nil
	}
	clients, err := d.spec.Clients()
	if err != nil {
		return nil, err
	}
	d.clients = &clients
	return d.clients, nil
}

// Send gives a trace to a receiver.
func (d *dialer) Send(ctx context.Context, receiver Hop, address string, trace tempo.Trace) (via string, err error) {
	if receiver == OTLPgRPC {
		target, err := d.reachGRPC(ctx, address)
		if err != nil {
			return "", err
		}
		return target.Via, tempo.SendOTLPgRPC(ctx, target, trace)
	}
	target, err := d.reachHTTP(address)
	if err != nil {
		return "", err
	}
	if receiver == Zipkin {
		return target.Via, tempo.SendZipkin(ctx, target, trace)
	}
	return target.Via, tempo.SendOTLPHTTP(ctx, target, trace)
}

// Request sends a request through Traefik.
func (d *dialer) Request(request *http.Request) (*http.Response, error) {
	return d.ingress.Do(request)
}

// Close ends the forwarded ports.
func (d *dialer) Close() {
	for _, end := range d.forwards {
		end()
	}
	d.forwards = nil
}

// reachHTTP says how to reach an HTTP endpoint.
func (d *dialer) reachHTTP(address string) (tempo.Target, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return tempo.Target{}, fault.New(fault.Usage, "an HTTP endpoint is a URL such as http://10.0.0.11:4318/v1/traces", "read endpoint %s: it is not a URL", address)
	}
	service, inside := d.inside(parsed.Host)
	if !inside {
		return tempo.Target{URL: address, HTTP: d.http, Tenant: d.spec.Tenant, Via: "directly"}, nil
	}
	clients, err := d.cluster()
	if err != nil {
		return tempo.Target{}, err
	}
	base, client, err := kube.ServiceProxy(clients.Config, service.namespace, service.name, service.port)
	return tempo.Target{URL: base + parsed.Path, HTTP: client, Tenant: d.spec.Tenant, Via: "through the API server's proxy"}, err
}

// reachGRPC says how to reach a gRPC endpoint, which is host:port or a URL.
func (d *dialer) reachGRPC(ctx context.Context, address string) (tempo.Target, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return tempo.Target{}, fault.New(fault.Usage, "a gRPC endpoint is host:port", "read endpoint %s: it is not an address", address)
	}
	client := &http.Client{Transport: names.Over(tempo.GRPC(d.trust))}
	target := tempo.Target{URL: parsed.Scheme + "://" + parsed.Host, HTTP: client, Tenant: d.spec.Tenant, Via: "directly"}
	service, inside := d.inside(parsed.Host)
	if !inside {
		return target, nil
	}
	clients, err := d.cluster()
	if err != nil {
		return tempo.Target{}, err
	}
	local, end, err := clients.Forward(ctx, service.namespace, service.name, service.port)
	if err != nil {
		return tempo.Target{}, err
	}
	d.forwards = append(d.forwards, end)
	target.URL, target.Via = "http://"+local, "through a forwarded port"
	return target, nil
}

// service is a Service's port.
type service struct {
	namespace, name string
	port            int
}

// inside reads an address that only the cluster's own name service knows:
// NAME.NAMESPACE.svc, with or without the domain.
func (d *dialer) inside(hostport string) (service, bool) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, "80"
	}
	parts := strings.Split(host, ".")
	number, err := strconv.Atoi(port)
	if d.spec.Reach != "auto" || len(parts) < 3 || parts[2] != "svc" || errors.Is(err, strconv.ErrSyntax) {
		return service{}, false
	}
	return service{parts[1], parts[0], number}, true
}
