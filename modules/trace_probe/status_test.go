// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestNoQueryFrontend(t *testing.T) {
	cases := map[string]struct {
		reason    string
		endpoints map[string]string
		want      string
	}{
		"no Tempo":         {"nothing was installed yet", nil, "find Tempo's query frontend: no Service of Tempo's release is there"},
		"endpoints of one": {"the task gives others", map[string]string{"zipkin": "tempo:9411", "otlp_grpc": "tempo:4317"}, "find Tempo's query frontend: no endpoint query among otlp_grpc, zipkin"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := (&client{observed: &Status{Endpoints: test.endpoints}}).askTempo(t.Context())
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, fault.NotFound, fault.KindOf(err))
		})
	}
}
