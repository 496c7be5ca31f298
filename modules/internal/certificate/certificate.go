// SPDX-License-Identifier: AGPL-3.0-or-later

// Package certificate reads the certificates that options name, for every
// server that is reached by HTTPS.
package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/files"
)

// Files are the values of the options validate_certs, ca_cert, client_cert and
// client_key. CA is a path or PEM text; the other two are paths, both or none.
type Files struct {
	Validate              bool
	CA                    string
	ClientCert, ClientKey string
}

// Config reads the files. A CA is trusted beside those of the host.
func (f Files) Config() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: !f.Validate, //nolint:gosec // the user asks for it with validate_certs: false
	}
	if f.CA != "" {
		pool, err := trusted(f.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if f.ClientCert == "" {
		return config, nil
	}
	pair, err := f.pair()
	if err != nil {
		return nil, fault.Doing("read client_cert and client_key", err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func (f Files) pair() (tls.Certificate, error) {
	own, err := files.Read(f.ClientCert, files.Certificates)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := files.Read(f.ClientKey, files.Certificates)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(own, key)
}

func trusted(ca string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pem, err := Authority("ca_cert", ca)
	if err != nil {
		return nil, err
	}
	pool.AppendCertsFromPEM(pem)
	return pool, nil
}

// Authority reads the certificates of a CA, in PEM form, from the value of an
// option: a path, or the text itself. The error names the option.
func Authority(option, value string) (pem []byte, err error) {
	pem = []byte(value)
	if !strings.Contains(value, "-----BEGIN") {
		if pem, err = files.Read(value, files.Certificates); err != nil {
			return nil, fault.Doing("read "+option, err)
		}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Usage, "give the CA's certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----", "%s holds no certificate", option)
	}
	return pem, nil
}
