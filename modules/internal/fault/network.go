// SPDX-License-Identifier: AGPL-3.0-or-later

package fault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// network lists the faults below every protocol, the most specific first. Types are
// compared, not texts, except for the one that has no type in net/http.
var network = []struct {
	matches func(error) bool
	kind    Kind
	hint    string
}{
	{expired, TLS, "the server's certificate has expired or is not yet valid: renew it, or set the clock of this host"},
	{is[x509.UnknownAuthorityError], TLS, "the certificate is signed by a CA that is not trusted here"},
	{is[x509.HostnameError], TLS, "the certificate is for another name: use a name that is in it"},
	{is[*tls.CertificateVerificationError], TLS, "the certificate was not accepted"},
	{plainHTTP, TLS, "the server speaks plain HTTP there: begin its address with http://"},
	{is[tls.RecordHeaderError], TLS, "the server does not speak TLS there: begin its address with http://, or use another port"},
	{Alerted, TLS, "the server ended the TLS handshake: look at its log"},
	{is[*net.DNSError], Unreachable, "check the host name, and the name servers of the host that runs the task"},
	{because(syscall.ECONNREFUSED), Unreachable, "nothing listens there: check host and port, and that the server runs"},
	{because(syscall.ECONNRESET), Unreachable, "the server closed the connection: check its log, and whether http or https is right"},
	{dropped, Unreachable, "the server, or a proxy in front of it, closed the connection before it had answered: check its log, and whether http or https is right"},
	{because(syscall.EHOSTUNREACH), Unreachable, "there is no route to that host: check the address and the network"},
	{because(context.DeadlineExceeded), Timeout, "it took longer than allowed: look at the server's load and log, or raise the timeout"},
	{because(context.Canceled), Timeout, "the run was interrupted: run it again"},
	{because(os.ErrDeadlineExceeded), Timeout, "no answer in time: check the address, the firewall and the server's load"},
	{because(os.ErrNotExist), NotFound, "check the path; it is read on the host that runs the task"},
	{because(os.ErrPermission), Denied, "the user that runs the task may not read it: use become, or another file"},
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func because(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func expired(err error) bool {
	var invalid x509.CertificateInvalidError
	return errors.As(err, &invalid) && invalid.Reason == x509.Expired
}

// dropped recognises a connection that ended where an answer was due. Files end in
// the same way, so that the client's own error has to be around it.
func dropped(err error) bool {
	var asked *url.Error
	return errors.As(err, &asked) && (errors.Is(asked.Err, io.EOF) || errors.Is(asked.Err, io.ErrUnexpectedEOF))
}

// Alerted recognises a server's TLS alert about a handshake, such as
// that it wants a client certificate (go1.26 crypto/tls/conn.go, readRecordOrCCS).
func Alerted(err error) bool {
	var opError *net.OpError
	return errors.As(err, &opError) && opError.Op == "remote error"
}

// plainHTTP recognises net/http's answer to a plain server on an https address;
// it is an errors.New without a type (go1.26 net/http/client.go, do).
func plainHTTP(err error) bool {
	return strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}
