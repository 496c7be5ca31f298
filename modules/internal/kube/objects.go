// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Objects reads and writes objects of any kind. It contacts nothing until it is
// used.
type Objects struct {
	// Namespace is that of the kubeconfig's context, or "default".
	Namespace string

	dynamic   dynamic.Interface
	discovery *discovery.DiscoveryClient
	kinds     kinds
}

// Connection is what the modules need of a cluster. It contacts nothing until it
// is used.
type Connection struct {
	Clients
	Objects *Objects
	// Loader is the kubeconfig behind them.
	Loader clientcmd.ClientConfig
}

// Open makes all of the clients for this access.
func (a Access) Open() (Connection, error) {
	clients, err := a.Clients()
	if err != nil {
		return Connection{}, err
	}
	loader, err := a.ClientConfig()
	if err != nil {
		return Connection{}, err
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return Connection{}, fault.Wrap(fault.Usage, hint, "read kubeconfig", err)
	}
	objects, err := NewObjects(clients.Config, namespace)
	return Connection{Clients: clients, Objects: objects, Loader: loader}, err
}

// NewObjects makes the client for a configuration.
func NewObjects(config *rest.Config, namespace string) (*Objects, error) {
	config = rest.CopyConfig(config)
	config.WarningHandlerWithContext = listener{}
	http, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, hint, "prepare the connection to the Kubernetes API", err)
	}
	objects := &Objects{Namespace: namespace}
	if objects.dynamic, err = dynamic.NewForConfigAndClient(config, http); err != nil {
		return nil, fault.During("prepare the connection to the Kubernetes API", err)
	}
	if objects.discovery, err = discovery.NewDiscoveryClientForConfigAndClient(config, http); err != nil {
		return nil, fault.During("prepare the connection to the Kubernetes API", err)
	}
	return objects, nil
}

// at is the dynamic client for objects of a kind.
func (o *Objects) at(ref Ref, kind Kind) dynamic.ResourceInterface {
	resource := o.dynamic.Resource(kind.resource)
	if kind.Namespaced {
		return resource.Namespace(ref.Namespace)
	}
	return resource
}

// Get returns an object, or nil when it, its namespace or its kind does not
// exist.
func (o *Objects) Get(ctx context.Context, ref Ref) (*unstructured.Unstructured, error) {
	kind, known, err := o.Kind(ctx, ref)
	if err != nil || !known {
		return nil, err
	}
	object, err := o.at(ref, kind).Get(ctx, ref.Name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return object, Fault("read "+ref.String(), err)
}

// List returns the objects of a kind in a namespace that match a label
// selector; none when the API server does not know the kind.
func (o *Objects) List(ctx context.Context, of Ref, selector string) ([]unstructured.Unstructured, error) {
	kind, known, err := o.Kind(ctx, of)
	if err != nil || !known {
		return nil, err
	}
	list, err := o.at(of, kind).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, Fault("list "+of.Kind+" in namespace "+of.Namespace, err)
	}
	return list.Items, nil
}
