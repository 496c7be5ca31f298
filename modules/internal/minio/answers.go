// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/minio/madmin-go/v3"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// answers is what a server's answers have told about it.
type answers struct {
	minio, garage atomic.Bool
	// foreign is why the last answer is not from an S3 store; "" when it is one.
	foreign atomic.Value
}

func (a *answers) note(response *http.Response, body []byte) {
	if ofMinIO(response.Header) {
		a.minio.Store(true)
	}
	if saysGarage(body) {
		a.garage.Store(true)
	}
	a.foreign.Store(notS3(response, body))
}

// MinIO's own marks, which a proxy leaves that puts its own name for the server's:
// the identity of the node is a SHA-256, that of a request the time in
// nanoseconds (minio, cmd/generic-handlers.go, addCustomHeadersMiddleware, and
// cmd/api-headers.go, mustGetRequestID).
var (
	nodeOfMinIO    = lazyregexp.Regexp{Expr: `^[0-9a-f]{64}$`}
	requestOfMinIO = lazyregexp.Regexp{Expr: `^[0-9A-F]{16}$`}
)

// ofMinIO reports whether an answer comes from MinIO. Without any name of a
// server it is not taken for granted: other stores give none.
func ofMinIO(header http.Header) bool {
	names := header.Values("Server")
	for _, name := range names {
		if strings.HasPrefix(strings.ToLower(name), "minio") {
			return true
		}
	}
	marked := nodeOfMinIO.Get().MatchString(header.Get("X-Amz-Id-2")) && requestOfMinIO.Get().MatchString(header.Get("X-Amz-Request-Id"))
	return marked && len(names) > 0
}

// noteAdminError remembers a store by its admin API: MinIO alone refuses in JSON, and
// returns a policy bare (see noAdmin and unwrapped).
func (a *answers) noteAdminError(err error) {
	var answer madmin.ErrorResponse
	if errors.As(err, &answer) && answer.XMLName.Local == "" && strings.HasPrefix(answer.Code, "XMinioAdmin") {
		a.minio.Store(true)
	}
}

// inXML begins an error of an S3 store.
var inXML = lazyregexp.Regexp{Expr: `^\s*(<\?xml[^>]*>\s*)?<Error[\s>]`}

// notS3 says why an answer to a read is not from an S3 store, ""
// when it is one: each refusal has a body of XML, or the header with the
// request's name. An answer of 5xx may be a proxy's while the store is down.
func notS3(response *http.Response, body []byte) string {
	code := response.StatusCode
	ofS3 := response.Header.Get("X-Amz-Request-Id") != "" || inXML.Get().Match(body)
	switch {
	case bytes.Contains(body, []byte("S3 API Requests must be made to API port")): // MinIO's console, in XML
		return "it is MinIO's console"
	case code == http.StatusOK && len(body) == 0 && !ofS3:
		return "it answers 200 OK and nothing else"
	case ofS3, code < 300, code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return ""
	case wantsTLS(body):
		return wantsHTTPS
	case code < 400:
		return fmt.Sprintf("it answers %s and redirects to %s", response.Status, target(response))
	}
	return fmt.Sprintf("it answers %s, but not as an S3 store does", response.Status)
}

const wantsHTTPS = "it speaks HTTPS"

// wantsTLS knows what servers say to a request without TLS (go1.26
// net/http/server.go, serve; nginx, ngx_http_special_response.c).
func wantsTLS(body []byte) bool {
	return bytes.Contains(body, []byte("HTTP request to an HTTPS server")) || bytes.Contains(body, []byte("plain HTTP request was sent to HTTPS port"))
}

// target is the host to which an answer redirects. The rest of its address may
// hold a token.
func target(response *http.Response) string {
	address, err := url.Parse(response.Header.Get("Location"))
	if err != nil || address.Host == "" {
		return "another page"
	}
	return address.Host
}

const portHint = "is it the port of the S3 API? MinIO's console, a web page, has a port of its own"

// noStore is the error for an address without an S3 store; nil when the last
// answer was one's.
func (s *Server) noStore() error {
	why, _ := s.transport.foreign.Load().(string)
	hint := portHint + ", and a proxy or an ingress needs a route to the store for this host name"
	switch why {
	case "":
		return nil
	case wantsHTTPS:
		hint = "use https:// (or secure: true)"
	}
	return fault.New(fault.Unreachable, hint, "there is no S3 store at %s: %s", s.access.URL(), why)
}
