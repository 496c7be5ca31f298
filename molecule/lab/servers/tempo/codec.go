// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	gogo "github.com/gogo/protobuf/proto"
	golang "github.com/golang/protobuf/proto" //nolint:staticcheck // what gRPC of that age takes
	"google.golang.org/grpc/encoding"
)

// gogoTypes are the modules whose messages only gogo's code can encode. Tempo registers gogo's codec from an init, which
// since Go 1.21 runs before gRPC's own and loses: PushBytesV2 then panics. This init runs after both.
var gogoTypes = []string{"github.com/grafana/tempo", "github.com/jaegertracing", "go.opentelemetry.io/collector", "go.etcd.io"}

func init() { encoding.RegisterCodec(codec{}) }

type codec struct{}

// Name is that of gRPC's default.
func (codec) Name() string { return "proto" }

// Marshal encodes a message with the code that it was generated for.
func (codec) Marshal(message any) ([]byte, error) {
	if own, is := message.(gogo.Message); is && byGogo(message) {
		return gogo.Marshal(own)
	}
	if plain, is := message.(golang.Message); is {
		return golang.Marshal(plain)
	}
	return nil, fmt.Errorf("%T is no protobuf message", message)
}

// Unmarshal decodes one.
func (codec) Unmarshal(data []byte, message any) error {
	if own, is := message.(gogo.Message); is && byGogo(message) {
		return gogo.Unmarshal(data, own)
	}
	if plain, is := message.(golang.Message); is {
		return golang.Unmarshal(data, plain)
	}
	return fmt.Errorf("%T is no protobuf message", message)
}

func byGogo(message any) bool {
	kind := reflect.TypeOf(message)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	return slices.ContainsFunc(gogoTypes, func(prefix string) bool { return strings.HasPrefix(kind.PkgPath(), prefix) })
}
