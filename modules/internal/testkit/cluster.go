// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is a proxy in front of the lab's API server that authenticates for
// its clients and records each request.
type Cluster struct {
	// Kubeconfig leads through it, as the option kubeconfig takes it.
	Kubeconfig map[string]any
	// Config leads straight to the API server, for the test's own checks.
	Config *rest.Config

	forward  http.Handler
	address  string
	server   *http.Server
	mu       sync.Mutex
	requests []string
	handle   Handle
}

// Handle sits between the module and the API server; next forwards to it.
type Handle func(w http.ResponseWriter, r *http.Request, next http.Handler)

// NewCluster starts the proxy for the cluster of KUBECONFIG and stops it with
// the test.
func NewCluster(t testing.TB) *Cluster { return NewClusterAs(t, "") }

// NewClusterAs is a cluster whose proxy impersonates a user, so that requests
// have only that user's rights. Config has those of KUBECONFIG.
func NewClusterAs(t testing.TB, user string) *Cluster {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", Env(t, "KUBECONFIG"))
	require.NoError(t, err)
	behind := rest.CopyConfig(config)
	behind.Impersonate.UserName = user
	transport, err := rest.TransportFor(behind)
	require.NoError(t, err)
	target, err := url.Parse(config.Host)
	require.NoError(t, err)
	cluster := &Cluster{Config: config, address: "127.0.0.1:0", forward: &httputil.ReverseProxy{
		Transport: transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }, // a module that was killed
	}}
	require.NoError(t, cluster.Return())
	t.Cleanup(func() { _ = cluster.Leave() })
	cluster.Kubeconfig = kubeconfig("http://" + cluster.address)
	return cluster
}

// Leave stops the proxy with all of its connections: the API server is down
// until Return.
func (c *Cluster) Leave() error { return c.server.Close() }

// Return makes the proxy listen again where it did before.
func (c *Cluster) Return() error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", c.address)
	if err != nil {
		return err
	}
	c.address, c.server = listener.Addr().String(), &http.Server{Handler: c, ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // it serves this test alone
	go c.server.Serve(listener)                                                                                    //nolint:errcheck // it ends with Leave
	return nil
}

// ServeHTTP records the request and passes it on.
func (c *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handle := c.note(r); handle != nil {
		handle(w, r, c.forward)
		return
	}
	c.forward.ServeHTTP(w, r)
}

// Handle sets what handles requests from now on; nil lets them through.
func (c *Cluster) Handle(handle Handle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handle = handle
}

func kubeconfig(server string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "lab",
		"clusters": []any{map[string]any{"name": "lab", "cluster": map[string]any{"server": server}}},
		"contexts": []any{map[string]any{"name": "lab", "context": map[string]any{"cluster": "lab", "user": ""}}},
	}
}

func (c *Cluster) note(r *http.Request) Handle {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, Line(r))
	return c.handle
}

// Line is a request as Requests returns it: "GET /path?query".
func Line(r *http.Request) string { return r.Method + " " + r.URL.RequestURI() }

// Requests returns what passed since the last call, each as "GET /path?query".
func (c *Cluster) Requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := c.requests
	c.requests = nil
	return requests
}

// KubeWrites returns those of the requests that change something: a dry run
// does not.
func KubeWrites(requests []string) []string {
	writes := []string{}
	for _, request := range Writes(requests) {
		if !strings.Contains(request, "dryRun=All") {
			writes = append(writes, request)
		}
	}
	return writes
}
