// SPDX-License-Identifier: AGPL-3.0-or-later

package certificate_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/fault"
)

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestHintsNameTheConnectionsOptions(t *testing.T) {
	login := certificate.Names{Validate: "x_validate", CA: "x_ca", ClientCert: "x_cert", ClientKey: "x_key"}
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
	unknown := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	tests := map[string]struct {
		reason string
		names  certificate.Names
		err    error
		hint   string
	}{
		"unknown CA": {"the hint names its CA option, and how to skip validation", login, unknown, "the certificate is signed by a CA that is not trusted here: give it in x_ca, or set x_validate: false"},
		"no way without": {"the connection has no option to skip validation", certificate.Names{CA: "x_ca"}, unknown,
			"the certificate is signed by a CA that is not trusted here: give it in x_ca"},
		"client certificate": {"the server requires one", login, alert, "the server ended the TLS handshake: give the certificate that it wants in x_cert and x_key, and look at its log"},
		"no option for one":  {"the connection has no option for one", certificate.Names{CA: "x_ca"}, alert, "the server ended the TLS handshake: look at its log"},
		"another name": {"a CA would not help", login, &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}},
			"the certificate is for another name: use a name that is in it"},
		"expired": {"a CA would not help", login, &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}},
			"the server's certificate has expired or is not yet valid: renew it, or set the clock of this host"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := test.names.Over(failing{test.err}).RoundTrip(nil) //nolint:bodyclose // there is none
			require.EqualError(t, err, test.err.Error(), "nothing is added")
			require.Equal(t, fault.TLS, fault.KindOf(err), test.reason)
			require.Equal(t, test.hint, fault.HintOf(err), test.reason)
		})
	}
}
