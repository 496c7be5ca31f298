// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// selfSigned writes the test server's own certificate, which is its CA too,
// and its key as PEM files.
func selfSigned(t *testing.T, server *httptest.Server) (cert, key string) {
	t.Helper()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return cert, key
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(saying(200))
	t.Cleanup(server.Close)
	cert, _ := selfSigned(t, server)
	text, err := os.ReadFile(cert)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		reason string
		access Access
		kind   fault.Kind
	}{
		"unknown CA":    {"a private CA is refused unless it is given", Access{ValidateCerts: true}, fault.TLS},
		"CA by path":    {"a path is read", Access{ValidateCerts: true, CACert: cert}, ""},
		"CA as text":    {"PEM text is used as it is", Access{ValidateCerts: true, CACert: string(text)}, ""},
		"not validated": {"as the user asks", Access{}, ""},
		"no such file":  {"a wrong path is reported before any request", Access{ValidateCerts: true, CACert: "/nowhere/ca.pem"}, fault.NotFound},
		"no PEM":        {"a key or a DER file is not a CA", Access{ValidateCerts: true, CACert: "/dev/null"}, fault.Usage},
	} {
		t.Run(name, func(t *testing.T) {
			err := reach(t, test.access, server.URL)
			if test.kind == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.Error(t, err, test.reason)
			require.Equal(t, test.kind, fault.KindOf(err), "%s: %v", test.reason, err)
		})
	}
}

func reach(t *testing.T, access Access, url string) error {
	t.Helper()
	transport, err := newTransport(access)
	if err != nil {
		return err
	}
	_, err = put(t, transport, url, 30*time.Second)
	return err
}

func TestClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	cert, key := selfSigned(t, server)
	transport, err := newTransport(Access{ClientCert: cert, ClientKey: key})
	require.NoError(t, err)
	response, err := put(t, transport, server.URL, 30*time.Second)
	require.NoError(t, err)
	require.Equal(t, 200, response.status)
}

func TestPlainServerOnTLSEndpoint(t *testing.T) {
	server := httptest.NewServer(saying(200))
	t.Cleanup(server.Close)
	err := reach(t, Access{ValidateCerts: true}, "https"+server.URL[len("http"):])
	require.Equal(t, fault.TLS, fault.KindOf(err), "%v", err)
}
