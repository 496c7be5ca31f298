// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// getter gives Helm its clients. What the cluster can do is asked for when it is
// first needed, and once in a run.
type getter struct {
	config    *rest.Config
	loader    clientcmd.ClientConfig
	namespace string

	once   sync.Once
	cached discovery.CachedDiscoveryInterface
	err    error
}

func (g *getter) ToRESTConfig() (*rest.Config, error) { return rest.CopyConfig(g.config), nil }

func (g *getter) ToRawKubeConfigLoader() clientcmd.ClientConfig { return g.loader }

func (g *getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	g.once.Do(func() {
		client, err := discovery.NewDiscoveryClientForConfig(g.config)
		g.cached, g.err = memory.NewMemCacheClient(client), err
	})
	return g.cached, g.err
}

func (g *getter) ToRESTMapper() (meta.RESTMapper, error) {
	cached, err := g.ToDiscoveryClient()
	if err != nil {
		return nil, err
	}
	return restmapper.NewDeferredDiscoveryRESTMapper(cached), nil
}
