// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// State is the mesh that is there, or what is wanted of it.
type State struct {
	// Version is that of the control plane, "" where there is none.
	Version    string
	Generation compat.Linkerd
	// Release holds the settings: the control plane's own, or the extension's,
	// whose Status is helm.Absent where it is yet to be installed.
	Release helm.Release
	// Unmanaged is why the settings cannot be changed here.
	Unmanaged error
	// Going says that the release's namespace is being deleted; nil when it is not.
	Going error
	// Owner is the GitOps tool's object that keeps the settings, if any.
	Owner kube.Owner
	// Record is what this module has set before, nil for nothing.
	Record *Record
	Tempo  Tempo
	// Refusal is the chart's word against the wanted values.
	Refusal error
	// Wish holds what only a wanted State has.
	Wish Wish
}

// Tempo is the collector of the traces.
type Tempo struct {
	Endpoints      map[string]string
	Namespace      string
	ServiceAccount string
	// Pods is how many there are, Meshed whether all of them have a proxy.
	Pods   int
	Meshed bool
}

// Wish says what is wanted of the mesh.
type Wish struct {
	Absent, Required, ControlPlane, Wait, Force bool
	// Unmeshed is what to do with a Tempo outside the mesh.
	Unmeshed, Protocol, ServiceName string
}

// Installed reports whether there is a Linkerd.
func (s State) Installed() bool { return s.Version != "" }

// Desired turns the arguments into what is wanted.
func (m *Module) Desired(args Args) (State, error) { return State{Wish: args.wish()}, nil }

func (a Args) wish() Wish {
	return Wish{
		Absent: a.absent(), Required: a.Required, ControlPlane: a.ControlPlane, Wait: a.Wait, Force: a.Force, Unmeshed: a.Unmeshed,
		Protocol: a.Protocol, ServiceName: a.ServiceName,
	}
}

// receivers are the endpoints of Tempo for a protocol.
var receivers = map[string]tempo.Endpoint{compat.OpenTelemetry: tempo.OTLPgRPC, compat.Opencensus: tempo.OpenCensus}

// choose picks the protocol: the first that Linkerd speaks and Tempo takes.
func (s State) choose(wish Wish) (protocol, endpoint string, err error) {
	for _, candidate := range s.Generation.Protocols {
		address := s.Tempo.Endpoints[string(receivers[candidate])]
		if address != "" && (wish.Protocol == "auto" || wish.Protocol == candidate) {
			return candidate, address, nil
		}
	}
	hint := "switch on traces.otlp.grpc of Tempo"
	if !s.Generation.Choice && s.Generation.Way == compat.LinkerdExtension {
		hint = "use a Tempo that still has traces.opencensus (before 2.9.3, or 2.10.0 to 2.10.5), or Linkerd 2.17 or newer"
	}
	return "", "", fault.New(fault.Unsupported, hint, "find a receiver of Tempo for Linkerd %s: it speaks %s, and Tempo takes none of it",
		s.Version, strings.Join(s.Generation.Protocols, " or "))
}

// entries are the settings in the words of the generation.
func (s State) entries(wish Wish) ([]overlay.Entry, error) {
	protocol, endpoint, err := s.choose(wish)
	if err != nil {
		return nil, err
	}
	if s.Generation.Way == compat.LinkerdExtension {
		return s.extension(wish, protocol, endpoint), nil
	}
	return s.controlPlane(wish, endpoint), nil
}

func set(value any, path ...string) overlay.Entry { return overlay.Entry{Path: path, Value: value} }

// extension switches the extension's own collector and Jaeger off. Its injector
// adds to the account the namespace that it reads from the address
// (jaeger/injector/mutator/webhook.go, amendSvcAccount).
func (s State) extension(wish Wish, protocol, endpoint string) []overlay.Entry {
	entries := []overlay.Entry{
		set(false, "collector", "enabled"), set(false, "jaeger", "enabled"),
		set(endpoint, "webhook", "collectorSvcAddr"), set(s.Tempo.ServiceAccount, "webhook", "collectorSvcAccount"),
	}
	if s.Generation.Choice {
		entries = append(entries, set(protocol, "webhook", "collectorTraceProtocol"), set(wish.ServiceName, "webhook", "collectorTraceSvcName"))
	}
	return entries
}

func (s State) controlPlane(wish Wish, endpoint string) []overlay.Entry {
	var entries []overlay.Entry
	for _, key := range s.Generation.Switches {
		entries = append(entries, set(true, "proxy", "tracing", key))
	}
	entries = append(entries,
		set(wish.ServiceName, "proxy", "tracing", "traceServiceName"),
		set(endpoint, "proxy", "tracing", "collector", "endpoint"))
	identity := []string{"proxy", "tracing", "collector", "meshIdentity"}
	if s.Generation.Joined {
		entries = append(entries, set(s.Tempo.ServiceAccount+"."+s.Tempo.Namespace, append(identity, "serviceAccountName")...))
	} else {
		entries = append(entries,
			set(s.Tempo.ServiceAccount, "proxy", "tracing", "collector", "meshIdentity", "serviceAccountName"),
			set(s.Tempo.Namespace, "proxy", "tracing", "collector", "meshIdentity", "namespace"))
	}
	if wish.ControlPlane {
		entries = append(entries, set(true, "controller", "tracing", "enabled"))
	}
	return entries
}

// endpoint is where the traces go by the values that are there.
func (s State) endpoint() string {
	path := []string{"proxy", "tracing", "collector", "endpoint"}
	if s.Generation.Way == compat.LinkerdExtension {
		path = []string{"webhook", "collectorSvcAddr"}
	}
	address, _ := helm.Lookup(s.Release.Values, path...).(string)
	return address
}
