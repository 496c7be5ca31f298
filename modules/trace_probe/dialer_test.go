// SPDX-License-Identifier: AGPL-3.0-or-later

package probe

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestGrafanasCertificateNamesTheOptionForIt(t *testing.T) {
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
