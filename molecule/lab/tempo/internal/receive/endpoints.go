// SPDX-License-Identifier: AGPL-3.0-or-later

package receive

import (
	"maps"
	"strconv"
	"strings"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// ports are those of the receivers' protocols; "" is a receiver with only one.
var ports = map[string]map[string]int{
	"otlp":   {"grpc": 4317, "http": 4318},
	"zipkin": {"": 9411},
	"jaeger": {"grpc": 14250, "thrift_http": 14268, "thrift_compact": 6831, "thrift_binary": 6832},
}

// host is where a receiver without an endpoint listens: from 2.7 on only on localhost (grafana/tempo, CHANGELOG 2.7.0).
func host(e edition.Edition) string {
	if e.From(2, 7) {
		return "localhost"
	}
	return "0.0.0.0"
}

// complete adds the edition's defaults. Settings that are not a map are left to the receiver, which refuses them.
func complete(name string, settings map[string]any, e edition.Edition) map[string]any {
	full := maps.Clone(settings)
	if full == nil {
		full = map[string]any{}
	}
	if number, single := ports[name][""]; single {
		return bound(full, number, e, e.From(2, 0))
	}
	given, _ := full["protocols"].(map[string]any)
	protocols := map[string]any{}
	for protocol, below := range given {
		below, _ := below.(map[string]any)
		protocols[protocol] = bound(below, ports[name][protocol], e, protocol == "grpc" || e.From(2, 0) && strings.HasSuffix(protocol, "http"))
	}
	full["protocols"] = protocols
	return full
}

// bound sets a protocol's endpoint, and lets headers through, one of which names the tenant: 1.5 uses only those of gRPC.
func bound(settings map[string]any, port int, e edition.Edition, headers bool) map[string]any {
	full := maps.Clone(settings)
	if full == nil {
		full = map[string]any{}
	}
	full["endpoint"] = text(full["endpoint"], host(e)+":"+strconv.Itoa(port))
	if headers {
		full["include_metadata"] = true
	}
	return full
}

func text(value any, otherwise string) string {
	if given, ok := value.(string); ok && given != "" {
		return given
	}
	return otherwise
}
