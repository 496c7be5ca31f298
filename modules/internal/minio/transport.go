// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/retry"
)

// retrying repeats requests that failed temporarily, until the context's
// deadline. The SDKs have retries of their own, but count attempts instead of
// time, differ from each other, and do not repeat an answer that breaks off in
// its middle; so they are switched off and this one is below both.
type retrying struct {
	*retry.Transport
	answers
}

// mayRepeat lets everything be repeated: every call of this package is
// idempotent.
func mayRepeat(_ *http.Request, status int) retry.Attempts { return retry.Passing(status) }

func repeating(next http.RoundTripper) *retrying {
	return &retrying{Transport: retry.New(next, retry.Policy{May: mayRepeat, Attempt: time.Minute})}
}

// Patient hides a context's end from the SDKs, and leaves it to the transport
// alone.
func Patient(ctx context.Context) context.Context { return retry.Patient(ctx) }

func newTransport(access Access) (*retrying, error) {
	config, err := certificate.Files{Names: certificate.DefaultNames, Validate: access.ValidateCerts, CA: access.CACert, ClientCert: access.ClientCert, ClientKey: access.ClientKey}.Config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return repeating(certificate.DefaultNames.Over(&http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 10 * time.Second,
		DisableCompression:  true, // as minio-go's own transport: S3 signs and counts raw bytes
	})), nil
}

// RoundTrip sends the request as often as it takes.
func (t *retrying) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := retry.Read(response)
	if err != nil {
		return nil, err
	}
	if page(request, response) {
		return nil, errForeign
	}
	t.note(response, body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// page recognises a web page in the place of a list or of the answer to a copy: the
// SDK takes its elements for those of an empty list.
func page(request *http.Request, response *http.Response) bool {
	listsOrCopies := request.URL.Query().Has("list-type") || request.Header.Get("X-Amz-Copy-Source") != ""
	return listsOrCopies && response.StatusCode == http.StatusOK && strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
}
