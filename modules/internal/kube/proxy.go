// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
)

// ServiceProxy returns the address of a Service's HTTP port behind the API
// server's proxy, and a client for it. It works wherever a kubeconfig does. The
// proxy passes on neither a login nor HTTP/2.
func ServiceProxy(config *rest.Config, namespace, service string, port int) (string, *http.Client, error) {
	transport, err := rest.TransportFor(config)
	if err != nil {
		return "", nil, fault.Wrap(fault.Usage, hint, "prepare the connection to the Kubernetes API", err)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return "", nil, fault.Wrap(fault.Usage, hint, "read the address of the Kubernetes API", err)
	}
	path := fmt.Sprintf("/api/v1/namespaces/%s/services/http:%s:%d/proxy", url.PathEscape(namespace), url.PathEscape(service), port)
	doing := fmt.Sprintf("reach Service %s/%s port %d through the API server's proxy", namespace, service, port)
	return strings.TrimRight(base.String(), "/") + path, &http.Client{Transport: proxied{doing, transport}}, nil
}

// proxied tells the API server's own errors from the Service's answers.
type proxied struct {
	doing string
	next  http.RoundTripper
}

// largest bounds, in bytes, an answer that may be a Status: they are short.
const largest = 64 << 10

// RoundTrip passes a request on. A Status of the API server becomes an error.
func (p proxied) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := p.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < http.StatusBadRequest || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		return answer, nil
	}
	head, err := io.ReadAll(io.LimitReader(answer.Body, largest))
	if err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	if refusal := statusIn(head); refusal != nil {
		_ = answer.Body.Close()
		return nil, p.fault(refusal)
	}
	answer.Body = reread{io.MultiReader(bytes.NewReader(head), answer.Body), answer.Body}
	return answer, nil
}

// reread is a body whose beginning was already read.
type reread struct {
	io.Reader
	io.Closer
}

// statusIn returns the API server's Status in a body, or nil.
func statusIn(body []byte) *apierrors.StatusError {
	var status meta.Status
	if json.Unmarshal(body, &status) != nil || status.Kind != "Status" || status.Status != meta.StatusFailure {
		return nil
	}
	return &apierrors.StatusError{ErrStatus: status}
}

func (p proxied) fault(refusal *apierrors.StatusError) error {
	switch {
	case apierrors.IsServiceUnavailable(refusal):
		return fault.Wrap(fault.Unreachable, "no pod of that Service is ready: look at its pods and their logs", p.doing, refusal)
	case apierrors.IsForbidden(refusal):
		return fault.Wrap(fault.Denied, "give this user the right to get and create services/proxy, or give the endpoint's URL", p.doing, refusal)
	}
	return Fault(p.doing, refusal)
}
