// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// own writes the certificate of a test's server, which is its CA too, and its
// key as PEM files.
func own(t *testing.T, server *httptest.Server) (cert, key string) {
	t.Helper()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return cert, key
}

func TestTLSOptions(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(map[bool]string{true: `{"version":"with"}`, false: `{"version":"without"}`}[len(r.TLS.PeerCertificates) > 0]))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	cert, key := own(t, server)
	text, err := os.ReadFile(cert)
	require.NoError(t, err)
	unknown := "read Grafana's version: connect to " + server.URL + ": tls: failed to verify certificate: x509: certificate signed by unknown authority"
	tests := map[string]struct {
		reason string
		access Access
		want   string
		says   string
		kind   fault.Kind
	}{
		"unknown CA":         {"a private CA has to be given", Access{ValidateCerts: true}, "", unknown, fault.TLS},
		"CA by path":         {"on the host that runs the task", Access{ValidateCerts: true, CACert: cert}, "without", "", ""},
		"CA as text":         {"from a vault", Access{ValidateCerts: true, CACert: string(text)}, "without", "", ""},
		"not validated":      {"as the user asks", Access{}, "without", "", ""},
		"client certificate": {"it is sent to the server that asks for it", Access{ClientCert: cert, ClientKey: key}, "with", "", ""},
		"no such CA":         {"the error comes before any request", Access{ValidateCerts: true, CACert: "/nowhere/ca.pem"}, "", "read ca_cert: open /nowhere/ca.pem: no such file or directory", fault.NotFound},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.access.URL = server.URL
			client, err := Open(tc.access)
			version := ""
			if err == nil {
				version, err = client.Version(context.Background())
			}
			require.Equal(t, tc.want, version, tc.reason)
			if tc.says == "" {
				require.NoError(t, err, tc.reason)
				return
			}
			require.EqualError(t, err, tc.says, tc.reason)
			require.Equal(t, tc.kind, fault.KindOf(err), tc.reason)
		})
	}
}
