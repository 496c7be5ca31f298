// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

import (
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// LinkerdMethod is where Linkerd's trace settings are.
type LinkerdMethod string

// The ways: an extension with a webhook of its own up to 2.18, the values of the
// control plane from 2.19 on.
const (
	LinkerdExtension    LinkerdMethod = "linkerd-jaeger"
	LinkerdControlPlane LinkerdMethod = "linkerd-control-plane"
)

// Linkerd says how a generation of Linkerd sends the traces of its proxies.
type Linkerd struct {
	// Edge is the first edge release of the generation, Stable the first numbered
	// one; "" where there was none.
	Edge, Stable string
	Method       LinkerdMethod
	// Protocols are those that the proxies can speak, the preferred one first.
	Protocols []string
	// Choice is true if the protocol is a setting.
	Choice bool
	// Switches are the keys under proxy.tracing that all have to be true.
	Switches []string
	// Joined is true if the collector's identity is one word,
	// "serviceaccount.namespace"; otherwise both have separate keys.
	Joined bool
	// Source is where this was read.
	Source string
}

// The protocols, in the extension's own words.
const (
	OpenTelemetry = "opentelemetry"
	Opencensus    = "opencensus"
)

// linkerds are the generations, oldest first. All sources are files of
// linkerd/linkerd2 at that tag.
var linkerds = []Linkerd{
	{Edge: "20.0.0", Stable: "2.9.0", Method: LinkerdExtension, Protocols: []string{Opencensus},
		Source: "jaeger/injector/mutator/webhook.go@stable-2.12.2: the proxies speak OpenCensus only"},
	{Edge: "24.10.1", Stable: "2.17.0", Method: LinkerdExtension, Protocols: []string{OpenTelemetry, Opencensus}, Choice: true,
		Source: "jaeger/charts/linkerd-jaeger/values.yaml@edge-24.10.1: webhook.collectorTraceProtocol; version-2.17 is edge-24.11.8"},
	{Edge: "25.6.4", Method: LinkerdControlPlane, Protocols: []string{OpenTelemetry}, Switches: []string{"enable"}, Joined: true,
		Source: "charts/linkerd-control-plane/values.yaml@edge-25.6.4: proxy.tracing.enable, meshIdentity without a namespace"},
	{Edge: "25.10.1", Stable: "2.19.0", Method: LinkerdControlPlane, Protocols: []string{OpenTelemetry}, Switches: []string{"enabled", "enable"},
		Source: "charts/partials/templates/_proxy.tpl and charts/patch/templates/patch.json@edge-25.10.7 (version-2.19): the variables follow enabled, the volume with the pod's labels still follows enable"},
	{Edge: "25.11.1", Stable: "2.20.0", Method: LinkerdControlPlane, Protocols: []string{OpenTelemetry}, Switches: []string{"enabled"},
		Source: "charts/patch/templates/patch.json@edge-25.11.1: both follow enabled; version-2.20 is edge-26.6.3"},
}

// Linkerds are all generations, the oldest first.
func Linkerds() []Linkerd { return append([]Linkerd(nil), linkerds...) }

// linkerdVersion reads the names of Linkerd's releases: stable-2.12.2,
// edge-25.10.7, enterprise-2.19.1, or a bare number.
var linkerdVersion = lazyregexp.Regexp{Expr: `^(?:([a-z]+)-)?(\d+\.\d+(?:\.\d+)?)`}

func linkerdNumber(version string) (*semver.Version, error) {
	match := linkerdVersion.Get().FindStringSubmatch(version)
	if match == nil {
		return nil, semver.ErrInvalidSemVer
	}
	return semver.NewVersion(match[2])
}

// LinkerdFor returns the generation of a version of the control plane.
func LinkerdFor(version string) (Linkerd, error) {
	number, err := linkerdNumber(version)
	if err != nil {
		return Linkerd{}, fmt.Errorf("read Linkerd version %q: it is not a known one", version)
	}
	// The names of edge releases begin with the year.
	edge := number.Major() >= 18
	for i := len(linkerds) - 1; i >= 0; i-- {
		from := linkerds[i].Stable
		if edge {
			from = linkerds[i].Edge
		}
		if from != "" && !number.LessThan(semver.MustParse(from)) {
			return linkerds[i], nil
		}
	}
	return Linkerd{}, fmt.Errorf("Linkerd %s is older than %s, the first one with an extension for traces", version, linkerds[0].Stable)
}
