// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// PodPort is an HTTP port of a pod, reached through the API server's proxy.
type PodPort struct {
	Namespace, Pod string
	Port           int32
}

// maxMetrics bounds an answer in bytes: a page of metrics is a few hundred
// kilobytes.
const maxMetrics = 8 << 20

// GetFromPod requests a path without its leading slash, and returns the pod's
// answer. The error is of kind Denied where the user may not use the proxy, and
// Unreachable where the API server cannot reach the pod.
func (r Reader) GetFromPod(ctx context.Context, at PodPort, path string) (status int, text string, err error) {
	return r.clients.askPod(ctx, http.MethodGet, at, path)
}

// PostToPod is GetFromPod for requests that write.
func (c Clients) PostToPod(ctx context.Context, at PodPort, path string) (status int, text string, err error) {
	return c.askPod(ctx, http.MethodPost, at, path)
}

func (c Clients) askPod(ctx context.Context, method string, at PodPort, path string) (status int, text string, err error) {
	doing := fmt.Sprintf("ask pod %s for /%s through the API server's proxy", at.Pod, path)
	status, text, err = c.proxied(ctx, method, at, path, maxMetrics)
	switch {
	case err != nil:
		return 0, "", Fault(doing, err)
	case status == http.StatusForbidden:
		return 0, "", fault.New(fault.Denied, "give this user the right to get and create pods/proxy", "%s: %s", doing, secret.Brief(ctx, text, longestWords))
	case strings.Contains(text, unreached):
		return 0, "", fault.New(fault.Unreachable, "the API server does not reach the pods: look at the network plug-in", "%s: %s", doing, secret.Brief(ctx, text, longestWords))
	}
	return status, text, nil
}

// proxied bypasses the typed client, which loses the text of an answer that is
// not an object, and reads at most that many bytes. A Status of the API server
// becomes its message.
func (c Clients) proxied(ctx context.Context, method string, at PodPort, path string, most int64) (status int, text string, err error) {
	address := c.Core.RESTClient().Get().Namespace(at.Namespace).Resource("pods").
		Name(fmt.Sprintf("http:%s:%d", at.Pod, at.Port)).SubResource("proxy").Suffix(path).URL()
	client, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return 0, "", err
	}
	request, err := http.NewRequestWithContext(ctx, method, address.String(), nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	if refusal := statusIn(body); refusal != nil {
		return answer.StatusCode, refusal.ErrStatus.Message, nil
	}
	return answer.StatusCode, string(body), err
}
