// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// receivers are the endpoints of Tempo for a protocol.
func receivers() map[string]tempo.Endpoint {
	return map[string]tempo.Endpoint{compat.OpenTelemetry: tempo.OTLPgRPC, compat.Opencensus: tempo.OpenCensus}
}

// choose picks the protocol: the first that Linkerd speaks and Tempo takes.
func (s Status) choose(spec Spec) (protocol, endpoint string, err error) {
	for _, candidate := range s.Generation.Protocols {
		address := s.Tempo.Endpoints[string(receivers()[candidate])]
		if address != "" && (spec.Protocol == "auto" || spec.Protocol == candidate) {
			return candidate, address, nil
		}
	}
	hint := "switch on traces.otlp.grpc of Tempo"
	if !s.Generation.Choice && s.Generation.Method == compat.LinkerdExtension {
		hint = "use a Tempo that still has traces.opencensus (before 2.9.3, or 2.10.0 to 2.10.5), or Linkerd 2.17 or newer"
	}
	return "", "", fault.New(fault.Unsupported, hint, "find a receiver of Tempo for Linkerd %s: it speaks %s, and Tempo takes none of it",
		s.Version, strings.Join(s.Generation.Protocols, " or "))
}

// entries are the settings as this generation of Linkerd names them.
func (s Status) entries(spec Spec) ([]overlay.Setting, error) {
	protocol, endpoint, err := s.choose(spec)
	if err != nil {
		return nil, err
	}
	if s.Generation.Method == compat.LinkerdExtension {
		return s.extension(spec, protocol, endpoint), nil
	}
	return s.controlPlane(spec, endpoint), nil
}

func set(value any, path ...string) overlay.Setting { return overlay.Setting{Path: path, Value: value} }

// extension switches the extension's own collector and Jaeger off. Its injector
// adds to the account the namespace that it reads from the address
// (jaeger/injector/mutator/webhook.go, amendSvcAccount).
func (s Status) extension(spec Spec, protocol, endpoint string) []overlay.Setting {
	entries := []overlay.Setting{
		set(false, "collector", "enabled"), set(false, "jaeger", "enabled"),
		set(endpoint, "webhook", "collectorSvcAddr"), set(s.Tempo.ServiceAccount, "webhook", "collectorSvcAccount"),
	}
	if s.Generation.Choice {
		entries = append(entries, set(protocol, "webhook", "collectorTraceProtocol"), set(spec.ServiceName, "webhook", "collectorTraceSvcName"))
	}
	return entries
}

func (s Status) controlPlane(spec Spec, endpoint string) []overlay.Setting {
	var entries []overlay.Setting
	for _, key := range s.Generation.Switches {
		entries = append(entries, set(true, "proxy", "tracing", key))
	}
	entries = append(entries,
		set(spec.ServiceName, "proxy", "tracing", "traceServiceName"),
		set(endpoint, "proxy", "tracing", "collector", "endpoint"))
	identity := []string{"proxy", "tracing", "collector", "meshIdentity"}
	if s.Generation.Joined {
		entries = append(entries, set(s.Tempo.ServiceAccount+"."+s.Tempo.Namespace, append(identity, "serviceAccountName")...))
	} else {
		entries = append(entries,
			set(s.Tempo.ServiceAccount, "proxy", "tracing", "collector", "meshIdentity", "serviceAccountName"),
			set(s.Tempo.Namespace, "proxy", "tracing", "collector", "meshIdentity", "namespace"))
	}
	if spec.ControlPlane {
		entries = append(entries, set(true, "controller", "tracing", "enabled"))
	}
	return entries
}

// endpoint is where the traces go by the current values.
func (s Status) endpoint() string {
	path := []string{"proxy", "tracing", "collector", "endpoint"}
	if s.Generation.Method == compat.LinkerdExtension {
		path = []string{"webhook", "collectorSvcAddr"}
	}
	address, _ := helm.Lookup(s.Release.Values, path...).(string)
	return address
}
