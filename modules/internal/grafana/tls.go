// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
)

// tlsConfig reads the certificates that Access names.
func (a Access) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: !a.ValidateCerts, //nolint:gosec // the user asks for it with validate_certs: false
	}
	if a.CACert != "" {
		pool, err := trusted(a.CACert)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if a.ClientCert == "" {
		return config, nil
	}
	pair, err := tls.LoadX509KeyPair(a.ClientCert, a.ClientKey)
	if err != nil {
		return nil, fault.Doing("read client_cert and client_key", err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// trusted adds a CA, given as PEM text or as a path, to those of the host.
func trusted(ca string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pem := []byte(ca)
	if !strings.Contains(ca, "-----BEGIN") {
		if pem, err = os.ReadFile(ca); err != nil {
			return nil, fault.Doing("read ca_cert", err)
		}
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Usage, "give the CA's certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----", "ca_cert holds no certificate")
	}
	return pool, nil
}
