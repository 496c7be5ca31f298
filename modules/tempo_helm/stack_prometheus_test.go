// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package tempohelm_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// direct reaches the one Service at its own address.
type direct struct {
	prometheus.Cluster
	url string
}

func (d direct) GetFromService(ctx context.Context, _ kube.ServicePort, path string) (status int, text string, err error) {
	return stack.Ask(ctx, http.MethodGet, d.url+"/"+path)
}

// What Prometheus says of its flags is what it then does with metrics that are sent
// to it.
func TestPrometheusIsBelieved(t *testing.T) {
	cases := map[string]struct {
		reason     string
		args       []string
		says, hint string
		answers    int
	}{
		"it takes them":     {"the flag that the hint names", []string{stack.Receives}, "", "", http.StatusNoContent},
		"it does not":       {"the default", nil, "takes no metrics by remote write", "--web.enable-remote-write-receiver", http.StatusNotFound},
		"only its feature":  {"exemplars are another matter", []string{stack.KeepsExemplars}, "takes no metrics by remote write", "--web.enable-remote-write-receiver", http.StatusNotFound},
		"both, and it does": {"as the service graph needs it", []string{stack.Receives, stack.KeepsExemplars}, "", "", http.StatusNoContent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := stack.StartPrometheus(t, c.args...)
			unsure, err := prometheus.Ask(t.Context(), direct{url: server.URL}, prometheus.Server{ServicePort: kube.ServicePort{Namespace: "monitoring", Service: "prometheus", Port: 9090}})
			require.NoError(t, unsure)
			if c.says == "" {
				require.NoError(t, err, c.reason)
			} else {
				require.ErrorContains(t, err, c.says, c.reason)
				require.Contains(t, fault.HintOf(err), c.hint)
			}
			status, body, err := server.Write(t.Context(), stack.Series{Labels: stack.Named("up"), Samples: []stack.Sample{{Value: 1, At: time.Now()}}})
			require.NoError(t, err)
			require.Equal(t, c.answers, status, body)
		})
	}
}
