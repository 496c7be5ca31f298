// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster stands before the lab's API server, logs in there for whoever asks,
// and writes down each request.
type Cluster struct {
	// Kubeconfig leads through it, as the option kubeconfig takes it.
	Kubeconfig map[string]any
	// Config leads straight to the API server, for the test's own look.
	Config *rest.Config

	mu       sync.Mutex
	requests []string
}

// NewCluster starts the proxy for the cluster of KUBECONFIG and ends it with
// the test.
func NewCluster(t *testing.T) *Cluster {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", Env(t, "KUBECONFIG"))
	require.NoError(t, err)
	transport, err := rest.TransportFor(config)
	require.NoError(t, err)
	target, err := url.Parse(config.Host)
	require.NoError(t, err)
	cluster := &Cluster{Config: config}
	forward := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cluster.note(r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(listener.Close)
	cluster.Kubeconfig = kubeconfig(listener.URL)
	return cluster
}

func kubeconfig(server string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "lab",
		"clusters": []any{map[string]any{"name": "lab", "cluster": map[string]any{"server": server}}},
		"contexts": []any{map[string]any{"name": "lab", "context": map[string]any{"cluster": "lab", "user": ""}}},
	}
}

func (c *Cluster) note(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r.Method+" "+r.URL.RequestURI())
}

// Requests returns what passed since the last call, each as "GET /path?query".
func (c *Cluster) Requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := c.requests
	c.requests = nil
	return requests
}

// KubeWrites returns those of the requests that change something: the API
// server keeps nothing of a dry run.
func KubeWrites(requests []string) []string {
	writes := []string{}
	for _, request := range Writes(requests) {
		if !strings.Contains(request, "dryRun=All") {
			writes = append(writes, request)
		}
	}
	return writes
}
