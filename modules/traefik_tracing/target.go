// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
)

// target is the wanted settings for the Traefik that was found.
type target struct {
	Spec
	chart    compat.TraefikChart
	version  compat.TraefikVersion
	number   string
	endpoint string
	base     layers
	// fields and headers are the user's own choices for the access log.
	fields, headers fieldModes
	// backendSettings are what went to another back end and must not go to this one.
	backendSettings []backendSetting
	// released is whether the values are those of a Helm release, which its user
	// upgrades with a schema.
	released bool
}

// resolve brings settings and Traefik together. Its error refuses what cannot work.
func resolve(spec Spec, status Status) (target, error) {
	chart, err := compat.Traefik(status.Chart)
	if err != nil {
		return target{}, fault.As(fault.Unsupported, "upgrade Traefik's chart first", status.String(), err)
	}
	release := status.version(spec)
	if release.Number == "" {
		return target{}, fault.New(fault.Unsupported, "say which one it is with traefik_version",
			"%s: neither image.tag nor the running image %s tells the version of Traefik", status, status.Workload.Image)
	}
	version, err := compat.TraefikFor(release.Number)
	if err != nil {
		return target{}, fault.As(fault.Unsupported, "upgrade Traefik first", status.String(), err)
	}
	to := target{Spec: spec, chart: chart, version: version, number: release.Number, released: status.Method == methodHelm}
	if to.base, err = status.base(); err != nil {
		return target{}, err
	}
	to.fields, to.headers = to.userFields(to.base), to.userHeaders(to.base)
	if to.endpoint, err = to.address(status); err != nil {
		return target{}, err
	}
	if to.backendSettings, err = to.findBackendSettings(status); err != nil {
		return target{}, err
	}
	return to, errors.Join(to.validateAccessLog(), to.validateOptions(), status.validateSource())
}

// validateSource refuses a Traefik that reads its settings from a file: it then
// takes no other flag (traefik/traefik, pkg/cli/loader_file.go).
func (s Status) validateSource() error {
	file, given := flagsOf(s.Workload.Args)["configfile"]
	if !given {
		return nil
	}
	return fault.New(fault.Unsupported, "set tracing in that file, or take the flag away",
		"%s: Traefik reads its settings from %s and ignores all others", s, file)
}

// validateAccessLog refuses a Traefik whose access log has no trace ID.
func (t target) validateAccessLog() error {
	if !t.AccessLog || t.WithoutTraceID || t.version.TraceIDField != "" {
		return nil
	}
	return fault.New(fault.Unsupported,
		fmt.Sprintf("set image_tag to v%s or newer, or without_trace_id: true to go on without links from logs to traces", compat.TraefikNextWithTraceID(t.number)),
		"Traefik %s writes no trace ID into its access log", t.number)
}

// validateOptions refuses options that Traefik v2 cannot carry out.
func (t target) validateOptions() error {
	if t.version.Export != compat.Zipkin {
		return nil
	}
	var names []string
	for name, set := range map[string]bool{
		"protocol":            t.Protocol == "grpc",
		"resource_attributes": len(t.ResourceAttributes) > 0,
		"propagators":         !slices.Contains(t.Propagators, "b3multi"),
	} {
		if set {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return fault.New(fault.Unsupported, "leave it out, or upgrade to Traefik v3",
		"Traefik %s sends by Zipkin over HTTP with B3 headers and no attributes: %s would have no effect", t.number, strings.Join(names, ", "))
}

// grpc reports whether spans leave by OTLP over gRPC.
func (t target) grpc() bool { return t.version.Export == compat.OTLP && t.Protocol == "grpc" }

// receiver is the name of Tempo's receiver for the way that this Traefik sends.
func (t target) receiver() string {
	switch {
	case t.version.Export == compat.Zipkin:
		return "zipkin"
	case t.grpc():
		return "otlp_grpc"
	}
	return "otlp_http"
}

// address is where spans go: what the user gives, else the receiver of Tempo.
func (t target) address(status Status) (string, error) {
	if t.Endpoint != "" {
		return t.Endpoint, nil
	}
	receiver := t.receiver()
	if given, ok := t.Endpoints[receiver].(string); ok && given != "" {
		return withPath(receiver, given), nil
	}
	if seen := status.tempo.receivers[receiver]; seen != "" && t.Endpoints == nil {
		return withPath(receiver, seen), nil
	}
	return "", fault.New(fault.NotFound, "enable that receiver in Tempo, or set endpoint",
		"Traefik %s needs Tempo's receiver %s, and no such endpoint is known", t.number, receiver)
}

// paths are where the receivers listen for spans below their address.
var paths = map[string]string{"zipkin": "/api/v2/spans", "otlp_http": "/v1/traces"}

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
	return strings.TrimSuffix(address, "/") + paths[receiver]
}

// propagators are the headers that carry the trace.
func (t target) propagators() []string {
	if t.version.Export == compat.Zipkin {
		return []string{"b3multi"}
	}
	return t.Propagators
}
