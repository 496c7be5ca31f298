// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Ref names an object. Namespace is empty for cluster-scoped objects.
type Ref struct{ APIVersion, Kind, Namespace, Name string }

// RefOf names the object that a manifest describes.
func RefOf(object *unstructured.Unstructured) Ref {
	return Ref{object.GetAPIVersion(), object.GetKind(), object.GetNamespace(), object.GetName()}
}

// String is the name as errors and plans show it: "Deployment emojivoto/web".
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// Kind is what the API server says about a kind.
type Kind struct {
	// Namespaced is false for cluster-scoped kinds.
	Namespaced bool

	resource schema.GroupVersionResource
}

// kinds caches the API server's kinds, by apiVersion and kind.
type kinds struct {
	lock   sync.Mutex
	groups map[string]map[string]Kind
}

// Kind asks the API server for the kind of ref; known is false when it has no
// such kind. It is asked once for each apiVersion, until Forget.
func (o *Objects) Kind(ctx context.Context, ref Ref) (kind Kind, known bool, err error) {
	o.kinds.lock.Lock()
	defer o.kinds.lock.Unlock()
	group, asked := o.kinds.groups[ref.APIVersion]
	if !asked {
		if group, err = o.ask(ctx, ref.APIVersion); err != nil {
			return Kind{}, false, err
		}
		o.kinds.remember(ref.APIVersion, group)
	}
	kind, known = group[ref.Kind]
	return kind, known, nil
}

// Forget makes Kind ask again: a CustomResourceDefinition brings new kinds.
func (o *Objects) Forget() {
	o.kinds.lock.Lock()
	defer o.kinds.lock.Unlock()
	o.kinds.groups = nil
}

func (k *kinds) remember(apiVersion string, group map[string]Kind) {
	if k.groups == nil {
		k.groups = map[string]map[string]Kind{}
	}
	k.groups[apiVersion] = group
}

func (o *Objects) ask(ctx context.Context, apiVersion string) (map[string]Kind, error) {
	list, err := o.discovery.ServerResourcesForGroupVersionWithContext(ctx, apiVersion)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, Fault("read the kinds of "+apiVersion, err)
	}
	group := map[string]Kind{}
	for _, resource := range list.APIResources {
		if subresource := strings.Contains(resource.Name, "/"); !subresource {
			group[resource.Kind] = Kind{Namespaced: resource.Namespaced, resource: place(apiVersion, resource)}
		}
	}
	return group, nil
}

func place(apiVersion string, resource meta.APIResource) schema.GroupVersionResource {
	version, _ := schema.ParseGroupVersion(apiVersion) // it parses: the API server knows it
	return version.WithResource(resource.Name)
}
