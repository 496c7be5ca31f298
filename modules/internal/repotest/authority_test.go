// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority is a CA with one certificate for a server on loopback.
type authority struct {
	pem    string
	server tls.Certificate
}

func newAuthority() authority {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	template := func(name string) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	ca, leaf := template("ca.example"), template("localhost")
	ca.IsCA, ca.KeyUsage = true, x509.KeyUsageCertSign
	ca.Subject.CommonName = fmt.Sprint("CA ", ca.SerialNumber)
	signed, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	must(err)
	issued, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key)
	must(err)
	return authority{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})), tls.Certificate{Certificate: [][]byte{issued}, PrivateKey: key}}
}

// refusing starts a server of the CA that refuses and counts all requests.
func (a authority) refusing(t *testing.T) (address string, requests *atomic.Int32) {
	requests = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{a.server}, MinVersion: tls.VersionTLS12}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "https://"), requests
}
