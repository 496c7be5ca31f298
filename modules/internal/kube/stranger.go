// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"bufio"
	"io"
	"net/http"
	"strings"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
)

// strangers makes faults of answers that no API server gives, such as the page of
// a login or of a proxy that stands before it. client-go and Helm would tell of
// them as Go does, by the types that it could not make of them.
func strangers(config *rest.Config) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return stranger{next} })
}

type stranger struct{ next http.RoundTripper }

// Unwrap returns the transport below.
func (s stranger) Unwrap() http.RoundTripper { return s.next }

// RoundTrip looks at what was answered where the API server itself was asked.
func (s stranger) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(request)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices || strings.Contains(request.URL.Path, "/proxy/") {
		return response, err
	}
	what := strange(response)
	if what == "" {
		return response, nil
	}
	_ = response.Body.Close()
	return nil, fault.New(fault.Rejected, "check the server's address in the kubeconfig: a login page, a proxy or another program answers in the API server's place",
		"the answer is %s, which is not Kubernetes'", what)
}

// strange is what an answer is in place of an object, "" where it may be one.
func strange(response *http.Response) string {
	kind := response.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "text/html"):
		return "an HTML page"
	case !strings.HasPrefix(kind, "application/json"):
		return ""
	}
	body, held := response.Body.(io.ByteScanner)
	if !held {
		reader := bufio.NewReaderSize(response.Body, 16) // what is read by larger pieces goes past it
		body, response.Body = reader, struct {
			io.Reader
			io.Closer
		}{reader, response.Body}
	}
	first, err := body.ReadByte()
	if err != nil {
		return ""
	}
	_ = body.UnreadByte()
	if first != '{' {
		return "JSON but no object"
	}
	return ""
}
