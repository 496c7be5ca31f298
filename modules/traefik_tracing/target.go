// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"errors"
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
)

// target is the wanted settings for the Traefik that was found.
type target struct {
	Settings
	chart    compat.TraefikChart
	version  compat.TraefikVersion
	number   string
	endpoint string
	base     layers
	// fields and headers are the user's own choices for the access log.
	fields, headers chosen
	// strays are what went to another back end and must not go to this one.
	strays []stray
	// released is whether the values are those of a Helm release, which its user
	// upgrades with a schema.
	released bool
}

// aim brings settings and Traefik together. Its error refuses what cannot work.
func aim(want Settings, found Found) (target, error) {
	chart, err := compat.Traefik(found.Chart)
	if err != nil {
		return target{}, fault.As(fault.Unsupported, "upgrade Traefik's chart first", found.String(), err)
	}
	release := found.version(want)
	if release.Number == "" {
		return target{}, fault.New(fault.Unsupported, "say which one it is with traefik_version",
			"%s: neither image.tag nor the running image %s tells the version of Traefik", found, found.Workload.Image)
	}
	version, err := compat.TraefikFor(release.Number)
	if err != nil {
		return target{}, fault.As(fault.Unsupported, "upgrade Traefik first", found.String(), err)
	}
	aimed := target{Settings: want, chart: chart, version: version, number: release.Number, released: found.Method == methodHelm}
	if aimed.base, err = found.base(); err != nil {
		return target{}, err
	}
	aimed.fields, aimed.headers = aimed.chosenFields(aimed.base), aimed.chosenHeaders(aimed.base)
	if aimed.endpoint, err = aimed.address(found); err != nil {
		return target{}, err
	}
	if aimed.strays, err = aimed.straysOf(found); err != nil {
		return target{}, err
	}
	return aimed, errors.Join(aimed.loggable(), aimed.idle(), found.byFile())
}

// byFile refuses a Traefik that reads its settings from a file: it then takes no
// other flag (traefik/traefik, pkg/cli/loader_file.go).
func (f Found) byFile() error {
	file, given := effective(f.Workload.Args)["configfile"]
	if !given {
		return nil
	}
	return fault.New(fault.Unsupported, "set tracing in that file, or take the flag away",
		"%s: Traefik reads its settings from %s and ignores all others", f, file)
}

// loggable refuses a Traefik whose access log has no trace ID.
func (t target) loggable() error {
	if !t.AccessLog || t.WithoutTraceID || t.version.TraceIDField != "" {
		return nil
	}
	return fault.New(fault.Unsupported,
		fmt.Sprintf("set image_tag to v%s or newer, or without_trace_id: true to go on without links from logs to traces", compat.TraefikNextWithTraceID(t.number)),
		"Traefik %s writes no trace ID into its access log", t.number)
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
func (t target) address(found Found) (string, error) {
	if t.Endpoint != "" {
		return t.Endpoint, nil
	}
	receiver := t.receiver()
	if given, ok := t.Endpoints[receiver].(string); ok && given != "" {
		return withPath(receiver, given), nil
	}
	if seen := found.tempo.receivers[receiver]; seen != "" && t.Endpoints == nil {
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
