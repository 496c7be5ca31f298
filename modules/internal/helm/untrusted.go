// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
)

// untrusted is a transport whose errors name the option for the repository's
// CA. The one that a certificate fault names otherwise is the Kubernetes API's.
type untrusted struct{ http.RoundTripper }

// RoundTrip sends the request on.
func (t untrusted) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if unknownCA(err) {
		return response, fault.As(fault.TLS, "give the CA certificate of the chart repository in chart_repo_ca_cert", "verify its certificate", err)
	}
	return response, err
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
