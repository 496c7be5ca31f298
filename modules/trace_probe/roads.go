// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/retry"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// roads knows how to get to an address: directly, or through the API server.
type roads struct {
	args  Args
	trust *tls.Config
	plain *http.Client
	// entry is for requests through Traefik, whose answer is the proof whatever
	// it is.
	entry   *http.Client
	clients *kube.Clients
	ends    []func()
}

func newRoads(args Args) (*roads, error) {
	trust := &tls.Config{InsecureSkipVerify: !args.URLValidateCerts, MinVersion: tls.VersionTLS12} //nolint:gosec // the user's own choice
	if args.URLCACert != "" {
		data, err := certificate.Authority("url_ca_cert", args.URLCACert)
		if err != nil {
			return nil, err
		}
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(data)
	}
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSClientConfig: trust, TLSHandshakeTimeout: 10 * time.Second,
		Proxy: http.ProxyFromEnvironment,
	}
	// A redirect has gone through Traefik as well: the answer itself is the proof.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	once := retry.New(transport, retry.Policy{Strangers: retry.Once, Streamed: true, May: func(*http.Request, int) retry.Attempts { return retry.Once }})
	return &roads{args: args, trust: trust, plain: &http.Client{Transport: transport, CheckRedirect: stay},
		entry: &http.Client{Transport: once, CheckRedirect: stay}}, nil
}

// cluster is the Kubernetes API, opened when it is first needed: a proof with
// addresses of its own needs no kubeconfig.
func (r *roads) cluster() (*kube.Clients, error) {
	if r.clients != nil {
		return r.clients, nil
	}
	clients, err := r.args.Clients()
	if err != nil {
		return nil, err
	}
	r.clients = &clients
	return r.clients, nil
}

// close ends the forwarded ports.
func (r *roads) close() {
	for _, end := range r.ends {
		end()
	}
	r.ends = nil
}

// http is the way to an HTTP endpoint.
func (r *roads) http(_ context.Context, address string) (tempo.Way, error) {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return tempo.Way{}, fault.New(fault.Usage, "an HTTP endpoint is a URL such as http://10.0.0.11:4318/v1/traces", "read endpoint %s: it is not a URL", address)
	}
	service, inside := r.inside(target.Host)
	if !inside {
		return tempo.Way{URL: address, HTTP: r.plain, Tenant: r.args.Tenant, Via: "directly"}, nil
	}
	clients, err := r.cluster()
	if err != nil {
		return tempo.Way{}, err
	}
	base, client, err := kube.ServiceProxy(clients.Config, service.namespace, service.name, service.port)
	return tempo.Way{URL: base + target.Path, HTTP: client, Tenant: r.args.Tenant, Via: "the API server's proxy"}, err
}

// grpc is the way to a gRPC endpoint, which is host:port or a URL.
func (r *roads) grpc(ctx context.Context, address string) (tempo.Way, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return tempo.Way{}, fault.New(fault.Usage, "a gRPC endpoint is host:port", "read endpoint %s: it is not an address", address)
	}
	way := tempo.Way{URL: target.Scheme + "://" + target.Host, HTTP: tempo.GRPC(r.trust), Tenant: r.args.Tenant, Via: "directly"}
	service, inside := r.inside(target.Host)
	if !inside {
		return way, nil
	}
	clients, err := r.cluster()
	if err != nil {
		return tempo.Way{}, err
	}
	local, end, err := clients.Forward(ctx, service.namespace, service.name, service.port)
	if err != nil {
		return tempo.Way{}, err
	}
	r.ends = append(r.ends, end)
	way.URL, way.Via = "http://"+local, "a forwarded port"
	return way, nil
}

// service is a Service's port.
type service struct {
	namespace, name string
	port            int
}

// inside reads an address that only the cluster's own name service knows:
// NAME.NAMESPACE.svc, with or without the domain.
func (r *roads) inside(hostport string) (service, bool) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, "80"
	}
	parts := strings.Split(host, ".")
	number, err := strconv.Atoi(port)
	if r.args.Reach != "auto" || len(parts) < 3 || parts[2] != "svc" || errors.Is(err, strconv.ErrSyntax) {
		return service{}, false
	}
	return service{parts[1], parts[0], number}, true
}
