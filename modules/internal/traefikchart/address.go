// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"net"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
)

// address is where spans go: what the user gives, else the receiver of Tempo.
func (t Target) address(in Found) (string, error) {
	receiver := t.Receiver()
	if given := strings.TrimSpace(t.Endpoint); given != "" {
		return taken("endpoint", receiver, asTyped(receiver, given))
	}
	if given, _ := t.Endpoints[receiver].(string); strings.TrimSpace(given) != "" {
		return taken("endpoints."+receiver, receiver, withPath(receiver, strings.TrimSpace(given)))
	}
	if t.Endpoints == nil && len(in.Receivers) == 0 {
		return "", fault.New(fault.NotFound, "install Tempo first, correct tempo_namespace and tempo_release, or set endpoint",
			"Traefik %s has nowhere to send its spans: there is no Service of %s", t.Number, in.Tempo)
	}
	if seen := in.Receivers[receiver]; seen != "" && t.Endpoints == nil {
		return withPath(receiver, seen), nil
	}
	return "", fault.New(fault.NotFound, "enable that receiver in Tempo, or set endpoint",
		"Traefik %s needs Tempo's receiver %s, and no such endpoint is known", t.Number, receiver)
}

// asTyped leaves a URL to a receiver over HTTP as it is: Traefik knows the path
// of OTLP by itself. Without a scheme, and for gRPC with one, Traefik would not
// find the host in it (pkg/observability/types/tracing.go), and export nothing.
func asTyped(receiver, given string) string {
	if receiver != "otlp_grpc" && strings.Contains(given, "://") {
		return given
	}
	return withPath(receiver, given)
}

// taken refuses an address that Traefik could not read: it would only log that,
// and export nothing.
func taken(name, receiver, address string) (string, error) {
	refuse := func(form string) (string, error) {
		return "", fault.New(fault.Usage, "", "%s must be %s", name, form)
	}
	if receiver == "otlp_grpc" {
		host, port, err := net.SplitHostPort(address)
		if err != nil || host == "" || port == "" || strings.ContainsAny(host, "/ ") || option.CheckPort(port) != nil {
			return refuse("HOST:PORT for gRPC, such as tempo.tracing.svc.cluster.local:4317")
		}
		return address, nil
	}
	if option.CheckURL(address) != nil {
		return refuse("a URL such as http://tempo.tracing.svc.cluster.local:4318/v1/traces")
	}
	return address, nil
}

// receiverPaths are where the receivers listen for spans below their address.
func receiverPaths() map[string]string {
	return map[string]string{"zipkin": "/api/v2/spans", "otlp_http": "/v1/traces"}
}

// withPath gives a receiver's address the form that Traefik wants: a URL with
// path for HTTP, host and port for gRPC.
func withPath(receiver, address string) string {
	if receiver == "otlp_grpc" {
		_, bare, found := strings.Cut(address, "://")
		if found {
			return strings.TrimSuffix(bare, "/")
		}
		return address
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	if _, rest, _ := strings.Cut(address, "://"); strings.Contains(strings.TrimSuffix(rest, "/"), "/") {
		return address
	}
	return strings.TrimSuffix(address, "/") + receiverPaths()[receiver]
}
