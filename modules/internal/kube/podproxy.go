// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// unreached begins the API server's answer for a pod that it cannot reach
// (kubernetes staging/src/k8s.io/apimachinery/pkg/util/proxy/transport.go).
const unreached = "error trying to reach service"

// AskPod asks one pod over HTTP, through the API server's proxy, whether it is
// ready. It returns why it is not, "" for 200. The error is of kind Denied where
// the user may not use the proxy, and Unreachable where the API server cannot
// reach the pod.
func (c Clients) AskPod(ctx context.Context, namespace, pod string, port int32, path string) (string, error) {
	doing := fmt.Sprintf("ask pod %s for /%s through the API server's proxy", pod, path)
	status, text, err := c.proxied(ctx, http.MethodGet, PodPort{Namespace: namespace, Pod: pod, Port: port}, path, largest)
	text = strings.TrimSpace(text)
	switch {
	case err != nil:
		return "", Fault(doing, err)
	case status == http.StatusOK:
		return "", nil
	case status == http.StatusForbidden:
		return "", fault.New(fault.Denied, "give this user the right to get pods/proxy, or set ready_check: workloads", "%s: %s", doing, secret.Brief(ctx, text, longestWords))
	case strings.Contains(text, unreached):
		return "", fault.New(fault.Unreachable, "the API server does not reach the pods: look at the network plug-in, or set ready_check: workloads", "%s: %s", doing, secret.Brief(ctx, text, longestWords))
	}
	return fmt.Sprintf("%s answers /%s with %d: %s", pod, path, status, secret.Brief(ctx, text, longestWords)), nil
}

// longestWords is how many bytes of what a pod says are shown.
const longestWords = 200
