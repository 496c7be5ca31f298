// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/minio/minio-go/v7"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// transportOf trusts the machine's CAs, which SSL_CERT_DIR adds to, and the file that the configuration names.
func transportOf(c config.S3) (*http.Transport, error) {
	transport, err := minio.DefaultTransport(!c.Insecure)
	if err != nil || c.Insecure {
		return transport, err
	}
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	transport.TLSClientConfig.InsecureSkipVerify = c.SkipVerify || c.SkipTLS
	transport.TLSClientConfig.ServerName = c.ServerName
	if c.CA == "" {
		return transport, nil
	}
	text, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("error loading ca cert: %s: %w", c.CA, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("error loading ca cert: %s", c.CA)
	}
	transport.TLSClientConfig.RootCAs = pool
	return transport, nil
}
