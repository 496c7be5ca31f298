// SPDX-License-Identifier: AGPL-3.0-or-later

package certificate_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/certificate"
)

func TestConfig(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))

	cases := map[string]struct {
		reason  string
		files   certificate.Files
		refused string // of the configuration
		trusts  bool
	}{
		"the host's own": {"a server with a self-signed certificate is not trusted", certificate.Files{Names: certificate.DefaultNames, Validate: true}, "", false},
		"a file":         {"the CA by its path", certificate.Files{Names: certificate.DefaultNames, Validate: true, CA: file}, "", true},
		"a text":         {"the CA itself, from a vault", certificate.Files{Names: certificate.DefaultNames, Validate: true, CA: text}, "", true},
		"not validated":  {"the user asked for it", certificate.Files{}, "", true},
		"no such file":   {"the error names the option", certificate.Files{Names: certificate.DefaultNames, CA: file + "x"}, "read ca_cert: open " + file + "x: no such file or directory", false},
		"no certificate": {"some other text", certificate.Files{Names: certificate.DefaultNames, CA: "-----BEGIN nothing"}, "ca_cert holds no certificate", false},
		"no key":         {"the error names both options", certificate.Files{Names: certificate.DefaultNames, ClientCert: file, ClientKey: file}, "read client_cert and client_key: tls: found a certificate rather than a key in the PEM for the private key", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config, err := test.files.Config()
			if test.refused != "" {
				require.EqualError(t, err, test.refused, test.reason)
				return
			}
			require.NoError(t, err)
			client := http.Client{Transport: &http.Transport{TLSClientConfig: config}}
			answer, err := client.Get(server.URL)
			require.Equal(t, test.trusts, err == nil, test.reason)
			if err == nil {
				_ = answer.Body.Close()
			}
		})
	}
}
