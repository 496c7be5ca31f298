// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

func TestGrafanaCertificateNamesItsOption(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	dialer, err := newDialer(Spec{Args: Args{GrafanaURL: server.URL, GrafanaValidateCerts: true}})
	require.NoError(t, err)
	grafana, err := dialer.Grafana()
	require.NoError(t, err)
	_, err = grafana.Version(t.Context())
	require.Equal(t, "the certificate is signed by a CA that is not trusted here: give it in grafana_ca_cert, or set grafana_validate_certs: false",
		causeOf(Grafana, err).Hint(), "%v", err)

	dialer, err = newDialer(Spec{Args: Args{GrafanaCACert: "/no/such/ca.pem"}})
	require.NoError(t, err)
	_, err = dialer.Grafana()
	require.EqualError(t, err, "read grafana_ca_cert: open /no/such/ca.pem: no such file or directory")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

// The detail of a receiver's hop is "sent" followed by this.
func TestRouteIsDescribedInASentence(t *testing.T) {
	clients, err := kube.NewClients(&rest.Config{Host: "http://127.0.0.1:1"}) // it is not called
	require.NoError(t, err)
	tests := map[string]struct {
		reason, address, want string
	}{
		"a Service":  {"a name that only pods resolve", "http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces", "through the API server's proxy"},
		"an address": {"the host reaches it itself", "http://127.0.0.1:4318/v1/traces", "directly"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dialer, err := newDialer(Spec{Args: Args{Reach: "auto"}})
			require.NoError(t, err)
			dialer.clients = &clients
			target, err := dialer.reachHTTP(tc.address)
			require.NoError(t, err)
			require.Equal(t, tc.want, target.Via, tc.reason)
		})
	}
}
