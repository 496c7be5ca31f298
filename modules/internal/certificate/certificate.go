// SPDX-License-Identifier: AGPL-3.0-or-later

// Package certificate reads the certificates that options name, for every HTTPS
// server that a module contacts.
package certificate

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/option"
)

// Files are the values of the options that Names are the names of, each a path or
// PEM text; the last two are both given, or none.
type Files struct {
	Names                 Names
	Validate              bool
	CA                    string
	ClientCert, ClientKey string
}

// Config reads the files. A CA is trusted in addition to those of the host.
func (f Files) Config() (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: !f.Validate, //nolint:gosec // the user asks for it
	}
	if f.CA != "" {
		pool, err := Pool(f.Names.CA, f.CA)
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
		return nil, fault.During("read "+f.Names.ClientCert+" and "+f.Names.ClientKey, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func (f Files) pair() (pair tls.Certificate, err error) {
	certificate, err := Text(f.ClientCert)
	if err != nil {
		return pair, err
	}
	key, err := Text(f.ClientKey)
	if err != nil {
		return pair, err
	}
	return tls.X509KeyPair(certificate, key)
}

// Text is PEM text from the value of an option: a path, the text itself, or that
// as base64. Its error never quotes what may be a key.
func Text(value string) ([]byte, error) {
	if !option.IsPath(value) {
		return []byte(cmp.Or(option.Decoded(value), value)), nil
	}
	content, err := file.Read(value, file.Certificates)
	var at *fs.PathError
	if errors.As(err, &at) {
		at.Path = option.Shown(value)
	}
	return content, err
}

// Pool is the host's CAs and, beside them, the one of an option, as CABundle
// reads it: whoever adds a CA does not lose the others.
func Pool(name, value string) (*x509.CertPool, error) {
	pem, err := CABundle(name, value)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(pem)
	return pool, nil
}

// CABundle reads the certificates of a CA, in PEM form, from the value of an
// option: a path, or the text itself. The error has the option's name.
func CABundle(name, value string) (pem []byte, err error) {
	if pem, err = Text(value); err != nil {
		return nil, fault.During("read "+name, err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Usage, "give the CA's certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----", "%s holds no certificate", name)
	}
	return pem, nil
}
