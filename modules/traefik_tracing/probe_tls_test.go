// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestCertificateOfTheEntryPointNamesItsOption(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	trust := Spec{Args: Args{URLValidateCerts: true}}.trust()
	config, err := trust.Config()
	require.NoError(t, err)
	client := &http.Client{Transport: trust.Names.Over(&http.Transport{TLSClientConfig: config})}
	_, err = client.Get(server.URL) //nolint:bodyclose // it ends before there is an answer
	require.Equal(t, fault.TLS, fault.KindOf(err), "%v", err)
	require.Equal(t, "the certificate is signed by a CA that is not trusted here: give it in url_ca_cert, or set url_validate_certs: false", fault.HintOf(err))

	_, err = Spec{Args: Args{URLCACert: "/no/such/ca.pem"}}.trust().Config()
	require.EqualError(t, err, "read url_ca_cert: open /no/such/ca.pem: no such file or directory")
}
