// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/retry"
)

func TestRepeatableRequests(t *testing.T) {
	const object = "http://k/apis/apps/v1/namespaces/a/deployments/b"
	for name, test := range map[string]struct {
		reason  string
		method  string
		address string
		status  int
		want    retry.Attempts
	}{
		"read broken":     {"reading again is harmless", http.MethodGet, object, 0, retry.Always},
		"read 503":        {"the API server is starting", http.MethodGet, object, 503, retry.Always},
		"read 500":        {"it may be temporary, but rarely is", http.MethodGet, object, 500, retry.Few},
		"patch broken":    {"a patch may be sent twice", http.MethodPatch, object, 0, retry.Always},
		"update 503":      {"the same update twice is harmless", http.MethodPut, object, 503, retry.Always},
		"patch 500":       {"an admission webhook that is down says so", http.MethodPatch, object, 500, retry.Once},
		"dry run 500":     {"nothing is persisted", http.MethodPatch, object + "?dryRun=All", 500, retry.Few},
		"create broken":   {"it may have been carried out", http.MethodPost, object, 0, retry.Once},
		"create 503":      {"it may have been carried out", http.MethodPost, object, 503, retry.Once},
		"delete broken":   {"the second attempt would get not found", http.MethodDelete, object, 0, retry.Once},
		"a pod's answer":  {"the answer comes from the pod, not from the API server", http.MethodGet, "http://k/api/v1/namespaces/a/pods/http:b:80/proxy/ready", 503, retry.Once},
		"a group is away": {"an aggregated API may be away for long", http.MethodGet, "http://k/apis/metrics.k8s.io/v1beta1", 503, retry.Few},
		"proxy broken":    {"the connection is to the API server", http.MethodGet, "http://k/api/v1/namespaces/a/pods/http:b:80/proxy/ready", 0, retry.Always},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(test.method, test.address, nil)
			require.NoError(t, err)
			require.Equal(t, test.want, mayRepeat(request, test.status), test.reason)
		})
	}
}
