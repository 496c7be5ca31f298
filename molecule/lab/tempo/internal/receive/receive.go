// SPDX-License-Identifier: AGPL-3.0-or-later

// Package receive runs the OpenTelemetry Collector's receivers, bound to addresses as the emulated version of Tempo
// binds them.
package receive

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/jaegerreceiver"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/zipkinreceiver"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	metrics "go.opentelemetry.io/otel/metric/noop"
	traces "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// Push takes spans of a tenant; "" is that of a request without one.
type Push func(ctx context.Context, tenant string, spans ptrace.Traces) error

// Receivers are those of a configuration.
type Receivers struct {
	all      []receiver.Traces
	censuses []string
	servers  []*grpc.Server
}

var factories = map[string]receiver.Factory{
	"otlp": otlpreceiver.NewFactory(), "zipkin": zipkinreceiver.NewFactory(), "jaeger": jaegerreceiver.NewFactory(),
}

// New makes the configured receivers. One that the edition does not have is an error, and so is a key that a receiver does
// not have.
func New(configured map[string]any, e edition.Edition, push Push) (*Receivers, error) {
	receivers := &Receivers{}
	sink, err := consumer.NewTraces(func(ctx context.Context, spans ptrace.Traces) error {
		return push(ctx, tenantOf(ctx), spans)
	})
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		settings, _ := configured[name].(map[string]any)
		if name == "opencensus" && hasOpenCensus(e) {
			receivers.censuses = append(receivers.censuses, text(settings["endpoint"], host(e)+":55678"))
			continue
		}
		factory, known := factories[name]
		if !known {
			return nil, unknown(name, e)
		}
		listens, err := some(name, settings, e)
		if err != nil {
			return nil, err
		}
		if !listens {
			continue
		}
		one, err := create(factory, complete(name, settings, e), sink)
		if err != nil {
			return nil, err
		}
		receivers.all = append(receivers.all, one)
	}
	return receivers, nil
}

// some says whether a receiver with protocols has one. Without, 1.5 refuses it, and later versions do not listen.
func some(name string, settings map[string]any, e edition.Edition) (bool, error) {
	protocols, _ := settings["protocols"].(map[string]any)
	if _, single := ports[name][""]; single || len(protocols) > 0 {
		return true, nil
	}
	if e.Before(2, 0) {
		return false, fmt.Errorf("error reading receivers configuration for %q: empty config for %s receiver", name, strings.ToUpper(name))
	}
	return false, nil
}

// hasOpenCensus: the receiver was removed in 2.9.3 and 2.10.6 (grafana/tempo, CHANGELOG).
func hasOpenCensus(e edition.Edition) bool {
	gone := map[int]string{9: "2.9.3", 10: "2.10.6"}[e.Minor]
	return e.Before(2, 9) || e.Before(2, 11) && older(e.Version, gone)
}

// older compares the patch numbers of two versions of one minor.
func older(version, than string) bool {
	return len(version) < len(than) || len(version) == len(than) && version < than
}

// unknown is the error for a receiver that the edition does not have, in the words of the Collector's configuration of that time.
func unknown(name string, e edition.Edition) error {
	if e.Before(2, 0) {
		return fmt.Errorf("unknown receivers type %q for %s", name, name)
	}
	return fmt.Errorf("'receivers' unknown type: %q for id: %q (valid values: %v)", name, name, slices.Sorted(maps.Keys(factories)))
}

func create(factory receiver.Factory, settings map[string]any, sink consumer.Traces) (receiver.Traces, error) {
	config := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(settings).Unmarshal(config); err != nil {
		return nil, fmt.Errorf("error reading receivers configuration for %q: %w", factory.Type(), err)
	}
	if checked, can := config.(interface{ Validate() error }); can {
		if err := checked.Validate(); err != nil {
			return nil, fmt.Errorf("receiver %q has invalid configuration: %w", factory.Type(), err)
		}
	}
	return factory.CreateTraces(context.Background(), receiver.Settings{
		ID: component.NewID(factory.Type()), TelemetrySettings: component.TelemetrySettings{
			Logger: zap.NewNop(), TracerProvider: traces.NewTracerProvider(), MeterProvider: metrics.NewMeterProvider(), Resource: pcommon.NewResource(),
		},
	}, config, sink)
}

// Start starts all of them.
func (r *Receivers) Start(ctx context.Context) error {
	for _, one := range r.all {
		if err := one.Start(ctx, nowhere{}); err != nil {
			return fmt.Errorf("error starting receiver: %w", err)
		}
	}
	for _, address := range r.censuses {
		if err := r.census(ctx, address); err != nil {
			return fmt.Errorf("error starting receiver: %w", err)
		}
	}
	return nil
}

// census opens the port of OpenCensus, whose receiver no longer exists: gRPC answers there, and has no service.
func (r *Receivers) census(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	r.servers = append(r.servers, server)
	go func() { _ = server.Serve(listener) }()
	return nil
}

// Stop closes them all.
func (r *Receivers) Stop(ctx context.Context) {
	for _, one := range r.all {
		_ = one.Shutdown(ctx)
	}
	for _, server := range r.servers {
		server.Stop()
	}
}

// tenantOf reads the tenant that a client names in a header.
func tenantOf(ctx context.Context) string {
	if named := client.FromContext(ctx).Metadata.Get("X-Scope-OrgID"); len(named) > 0 {
		return named[0]
	}
	return ""
}

// nowhere is a host without extensions.
type nowhere struct{}

// GetExtensions returns none.
func (nowhere) GetExtensions() map[component.ID]component.Component { return nil }
