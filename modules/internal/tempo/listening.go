// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"fmt"
	"net"
	"net/netip"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/compat"
)

// configured are the places of receivers below distributor.receivers in Tempo's
// configuration.
var configured = []struct {
	endpoint Endpoint
	path     []string
}{
	{OTLPgRPC, []string{"otlp", "protocols", "grpc"}},
	{OTLPHTTP, []string{"otlp", "protocols", "http"}},
	{Zipkin, []string{"zipkin"}},
}

// Listening reads from Tempo's configuration, the YAML of tempo.yaml, which of
// OTLP by gRPC, OTLP by HTTP and Zipkin it takes from other hosts. Version is
// Tempo's: from 2.7 on a receiver without an endpoint is for its own host only.
func Listening(config, version string) ([]Endpoint, error) {
	var read struct {
		Distributor struct {
			Receivers map[string]any `json:"receivers"`
		} `json:"distributor"`
	}
	if err := yaml.Unmarshal([]byte(config), &read); err != nil {
		return nil, fmt.Errorf("read Tempo's configuration: %w", err)
	}
	var listening []Endpoint
	for _, row := range configured {
		if settings, found := below(read.Distributor.Receivers, row.path); found && open(settings, version) {
			listening = append(listening, row.endpoint)
		}
	}
	return listening, nil
}

func below(settings map[string]any, path []string) (last map[string]any, found bool) {
	for _, key := range path {
		value, has := settings[key]
		if !has {
			return nil, false
		}
		settings, _ = value.(map[string]any)
	}
	return settings, true
}

// open reports whether a receiver with these settings accepts connections from
// other hosts.
func open(settings map[string]any, version string) bool {
	endpoint, _ := settings["endpoint"].(string)
	if endpoint == "" {
		return !compat.ReceiverFacts.Has(compat.Tempo, compat.LocalReceivers, version)
	}
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return true
	}
	address, err := netip.ParseAddr(host)
	return host != "localhost" && (err != nil || !address.IsLoopback())
}
