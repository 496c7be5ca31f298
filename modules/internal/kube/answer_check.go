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

// checkAnswers turns answers that no API server gives into faults, such as a page of
// a login or of a proxy in front of it. client-go and Helm would report them by
// the Go types that they could not decode.
func checkAnswers(config *rest.Config) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return answerCheck{next} })
}

type answerCheck struct{ next http.RoundTripper }

// Unwrap returns the transport below.
func (s answerCheck) Unwrap() http.RoundTripper { return s.next }

// RoundTrip checks the answers to requests for the API server itself.
func (s answerCheck) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(request)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices || strings.Contains(request.URL.Path, "/proxy/") {
		return response, err
	}
	what := foreignAnswer(response)
	if what == "" {
		return response, nil
	}
	_ = response.Body.Close()
	return nil, fault.New(fault.Rejected, "check the server's address in the kubeconfig: a login page, a proxy or another program answers in the API server's place",
		"the answer is %s, which is not Kubernetes'", what)
}

// foreignAnswer is what an answer is instead of an object, "" if it may be one.
func foreignAnswer(response *http.Response) string {
	kind := response.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "text/html"):
		return "an HTML page"
	case !strings.HasPrefix(kind, "application/json"):
		return ""
	}
	body, held := response.Body.(io.ByteScanner)
	if !held {
		reader := bufio.NewReaderSize(response.Body, 16) // larger reads bypass it
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
