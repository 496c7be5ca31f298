// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
)

// ServicePort is an HTTP port of a Service, reached through the API server's
// proxy.
type ServicePort struct {
	Namespace, Service string
	Port               int32
}

// GetFromService requests a path without its leading slash, and returns the
// Service's answer. The error is of kind Denied where the user may not use the
// proxy, and Unreachable where no pod is behind it.
func (r Reader) GetFromService(ctx context.Context, at ServicePort, path string) (status int, text string, err error) {
	doing := fmt.Sprintf("ask Service %s/%s for /%s through the API server's proxy", at.Namespace, at.Service, path)
	base, client, err := ServiceProxy(r.clients.Config, at.Namespace, at.Service, int(at.Port))
	if err != nil {
		return 0, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/"+path, nil)
	if err != nil {
		return 0, "", fault.During(doing, err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", Fault(doing, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxMetrics))
	if err != nil {
		return 0, "", Fault(doing, err)
	}
	return answer.StatusCode, string(body), nil
}
