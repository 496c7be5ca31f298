// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import "github.com/picluster/tracing/modules/internal/fault"

// Settings are what is wanted, before it is known which Traefik is there.
type Settings struct {
	Present            bool
	Version            string
	ImageTag           string
	Endpoint           string
	Endpoints          map[string]any
	Protocol           string
	ServiceName        string
	SampleRate         float64
	ResourceAttributes map[string]string
	SameSpan           bool
	ID128Bit           bool
	Propagators        []string
	AccessLog          bool
	TraceHeader        string
	WithoutTraceID     bool
	FailurePolicy      string
	Wait               bool
	// Probe asks for one request through Traefik.
	Probe bool
}

// State is what is wanted, or what is there: Desired fills Settings, Observe
// fills Found.
type State struct {
	Settings Settings
	Found    Found
}

// Desired takes the settings from the arguments.
func (m *Module) Desired(args Args) (State, error) {
	if args.through() && !args.absent() && (!args.AccessLog || !args.Wait) {
		return State{}, fault.New(fault.Usage, "leave ingress_host and ingress_url out, or access_log and wait at true",
			"ingress_host asks for a line of the access log, which needs access_log: true and wait: true")
	}
	return State{Settings: args.want()}, nil
}

func (a Args) want() Settings {
	return Settings{
		Present: !a.absent(), Version: a.Version, ImageTag: a.ImageTag,
		Endpoint: a.Endpoint, Endpoints: a.Endpoints, Protocol: a.Protocol,
		ServiceName: a.ServiceName, SampleRate: a.SampleRate, ResourceAttributes: a.ResourceAttributes,
		SameSpan: a.SameSpan, ID128Bit: a.ID128Bit, Propagators: a.Propagators,
		AccessLog: a.AccessLog, TraceHeader: a.TraceHeader, WithoutTraceID: a.WithoutTraceID,
		FailurePolicy: a.FailurePolicy, Wait: a.Wait, Probe: a.through(),
	}
}
