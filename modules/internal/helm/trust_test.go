// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestUntrustedCertificateNamesTheRepositoryOption(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "entries: {}\n") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))

	_, err := Source{Ref: "tempo", Repository: server.URL}.get(t.Context(), server.URL+"/index.yaml")
	require.ErrorContains(t, err, "get "+server.URL+"/index.yaml: tls: failed to verify certificate: ")
	require.ErrorContains(t, err, "certificate signed by unknown authority")
	require.Equal(t, fault.TLS, fault.KindOf(err))
	require.Equal(t, "the certificate is signed by a CA that is not trusted here: give it in chart_repo_ca_cert", fault.HintOf(err))

	for name, source := range map[string]Source{"its CA": {CAFile: ca}, "any certificate": {Insecure: true}} {
		source.Ref, source.Repository = "tempo", server.URL
		data, err := source.get(t.Context(), server.URL+"/index.yaml")
		require.NoError(t, err, name)
		require.Equal(t, "entries: {}\n", string(data), name)
	}
}
