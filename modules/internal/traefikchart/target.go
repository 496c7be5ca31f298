// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefikchart maps options to Traefik's settings for tracing and its
// access log, and to the values of Traefik's chart: it refuses what a version does
// not support, and reports what has not reached a container.
package traefikchart

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
)

// Config are the options about what Traefik should do.
type Config struct {
	ImageTag           string            `json:"image_tag"`
	Endpoint           string            `json:"endpoint"`
	Endpoints          map[string]any    `json:"endpoints"`
	Protocol           string            `json:"protocol"`
	ServiceName        string            `json:"service_name"`
	SampleRate         float64           `json:"sample_rate"`
	ResourceAttributes map[string]string `json:"resource_attributes"`
	SameSpan           bool              `json:"same_span"`
	ID128Bit           bool              `json:"id_128bit"`
	Propagators        []string          `json:"propagators"`
	AccessLog          bool              `json:"access_log"`
	TraceHeader        string            `json:"trace_header"`
	WithoutTraceID     bool              `json:"without_trace_id"`
	// LogOutput is where the access log goes; "" is auto.
	LogOutput   compat.TraefikLogs `json:"access_log_output"`
	LogEndpoint string             `json:"access_log_endpoint"`
	LogTenant   string             `json:"access_log_tenant"`
}

// Found is the Traefik that the settings are for.
type Found struct {
	// Name is what messages call it.
	Name string
	// Chart and Version are those of the chart and of Traefik; Version is "" where
	// Image does not tell it.
	Chart, Version, Image string
	// Args are those of the container that runs.
	Args []string
	// Base are the values without what this collection has set, Now the current ones.
	Base, Now Layers
	// Fixed are values that are not changed here.
	Fixed []Fixed
	// Released is whether the values are those of a Helm release, which its user
	// upgrades with a schema.
	Released bool
	// Tempo is what messages call the Tempo that was looked for, Receivers are those of
	// it, where they were read.
	Tempo     string
	Receivers map[string]string
	// Loki is where the access log goes by OTLP, where the options leave it open.
	Loki Loki
}

// Fixed are values that are not changed here, and what messages call them.
type Fixed struct {
	Name   string
	Values map[string]any
}

// Target is the wanted settings for the Traefik that was found.
type Target struct {
	Config
	Chart   compat.TraefikChart
	Version compat.TraefikVersion
	// Number is the version of Traefik.
	Number string
	// Address is where spans go.
	Address string
	Base    Layers
	// Released is as in Found.
	Released bool

	// fields and headers are the user's own choices for the access log.
	fields, headers fieldModes
	// logs is what the user does about the access log and OTLP, logAddress where it
	// is sent instead, "" to leave that to the user.
	logs       userLogs
	logAddress string
	// backendSettings are what went to another back end and must not go to this one.
	backendSettings []backendSetting
}

// New works out the settings, or says why this Traefik cannot have them.
func New(config Config, in Found) (Target, error) {
	chart, err := compat.Traefik(in.Chart)
	if err != nil {
		return Target{}, fault.Wrap(fault.Unsupported, "upgrade Traefik's chart first", in.Name, err)
	}
	if in.Version == "" {
		return Target{}, fault.New(fault.Unsupported, "say which one it is with traefik_version",
			"%s: neither image.tag nor the running image %s tells the version of Traefik", in.Name, in.Image)
	}
	version, err := compat.TraefikFor(in.Version)
	if err != nil {
		return Target{}, fault.Wrap(fault.Unsupported, "upgrade Traefik first", in.Name, err)
	}
	to := Target{Config: config, Chart: chart, Version: version, Number: in.Version, Base: in.Base, Released: in.Released}
	to.fields, to.headers, to.logs = to.userFields(to.Base), to.userHeaders(to.Base), to.userLogs(to.Base)
	if to.Address, err = to.address(in); err != nil {
		return Target{}, err
	}
	if to.backendSettings, err = to.findBackendSettings(in); err != nil {
		return Target{}, err
	}
	if err := to.validateOutput(); err != nil {
		return to, err
	}
	if to.logAddress, err = to.sendTo(in.Name, in.Loki); err != nil {
		return Target{}, err
	}
	return to, errors.Join(to.validateAccessLog(), to.validateOptions(), in.validateSource())
}

// validateSource refuses a Traefik that reads its settings from a file.
func (in Found) validateSource() error {
	file, given := Flags(in.Args)["configfile"]
	if !given {
		return nil
	}
	return fault.New(fault.Unsupported, "set tracing in that file, or remove the flag",
		"%s: Traefik reads its settings from %s and ignores all others", in.Name, file)
}

// validateAccessLog refuses a Traefik whose access log has no trace ID.
func (t Target) validateAccessLog() error {
	if !t.AccessLog || t.WithoutTraceID || t.Version.TraceIDField != "" {
		return nil
	}
	return fault.New(fault.Unsupported,
		fmt.Sprintf("set image_tag to v%s or newer, or without_trace_id: true to go on without links from logs to traces", compat.TraefikNextWithTraceID(t.Number)),
		"Traefik %s writes no trace ID into its access log", t.Number)
}

// validateOptions refuses options that Traefik v2 cannot carry out.
func (t Target) validateOptions() error {
	if t.Version.Export != compat.Zipkin {
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
		"Traefik %s sends by Zipkin over HTTP with B3 headers and no attributes: %s would have no effect", t.Number, strings.Join(names, ", "))
}

// grpc reports whether spans leave by OTLP over gRPC.
func (t Target) grpc() bool { return t.Version.Export == compat.OTLP && t.Protocol == "grpc" }

// Receiver is the name of Tempo's receiver for the way that this Traefik sends.
func (t Target) Receiver() string {
	switch {
	case t.Version.Export == compat.Zipkin:
		return "zipkin"
	case t.grpc():
		return "otlp_grpc"
	}
	return "otlp_http"
}

// Reads are the headers that carry the trace.
func (t Target) Reads() []string {
	if t.Version.Export == compat.Zipkin {
		return []string{"b3multi"}
	}
	return t.Propagators
}
