// SPDX-License-Identifier: AGPL-3.0-or-later

package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Names are the options that govern one connection, so that its faults name them
// and not those of another server in the same task. An empty name is an option
// that the connection does not have.
type Names struct{ Validate, CA, ClientCert, ClientKey string }

// DefaultNames are the names where a task has one server with options of this kind.
var DefaultNames = Names{Validate: "validate_certs", CA: "ca_cert", ClientCert: "client_cert", ClientKey: "client_key"}

// Over puts hints before a transport: its certificate faults say which options help.
func (n Names) Over(next http.RoundTripper) http.RoundTripper {
	return n.Hints().Over(next)
}

// Hints are the next moves after each fault.
func (n Names) Hints() Hints { return Hints{Untrusted: n.untrusted(), Ended: n.ended()} }

func (n Names) untrusted() string {
	hint := fmt.Sprintf("the certificate is signed by a CA that is not trusted here: give it in %s", n.CA)
	if n.Validate != "" {
		hint += fmt.Sprintf(", or set %s: false", n.Validate)
	}
	return hint
}

func (n Names) ended() string {
	if n.ClientCert == "" {
		return ""
	}
	return fmt.Sprintf("the server ended the TLS handshake: give the certificate that it wants in %s and %s, and look at its log", n.ClientCert, n.ClientKey)
}

// Hints are the next moves after the certificate faults of one connection; an
// empty one leaves the fault as it is.
type Hints struct {
	// Untrusted is for a server's certificate of a CA that is not trusted here.
	Untrusted string
	// Ended is for a server that ends the handshake, as one that wants a client
	// certificate does.
	Ended string
}

// Over puts the hints before a transport.
func (h Hints) Over(next http.RoundTripper) http.RoundTripper { return &hinting{next, h} }

type hinting struct {
	next  http.RoundTripper
	hints Hints
}

// RoundTrip sends the request on.
func (t *hinting) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	switch {
	case err == nil:
		return response, nil
	case t.hints.Untrusted != "" && unknownCA(err):
		return nil, fault.Wrap(fault.TLS, t.hints.Untrusted, "", err)
	case t.hints.Ended != "" && fault.Alerted(err):
		return nil, fault.Wrap(fault.TLS, t.hints.Ended, "", err)
	}
	return nil, err
}

// unknownCA reports whether a certificate is signed by a CA that is not trusted
// here. One that has expired or is for another name would not become valid by it.
func unknownCA(err error) bool {
	var authority x509.UnknownAuthorityError
	var verification *tls.CertificateVerificationError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &name) || errors.As(err, &invalid) {
		return false
	}
	return errors.As(err, &authority) || errors.As(err, &verification)
}
