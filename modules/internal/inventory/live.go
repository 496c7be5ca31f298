// SPDX-License-Identifier: AGPL-3.0-or-later

// Package inventory compares the objects in the manifest of a Helm release with
// those in the cluster: what was changed outside Helm, what an upgrade cannot
// change in place, and which volumes keep their size or storage class.
package inventory

import (
	"context"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Cluster reads objects of any kind, and does dry runs of their changes.
type Cluster interface {
	Get(context.Context, kube.Ref) (*unstructured.Unstructured, error)
	DryRunPatch(ctx context.Context, patch kube.Patch, manager string) (*unstructured.Unstructured, error)
	DryRunCreate(ctx context.Context, manifest *unstructured.Unstructured, manager string) error
	DryRunRecreate(ctx context.Context, manifest *unstructured.Unstructured, manager string) error
	Kind(context.Context, kube.Ref) (kind kube.Kind, known bool, err error)
}

// Live are the release's objects in the cluster, of the kinds that run Tempo.
// Each kind costs one request.
type Live struct {
	Services     []core.Service
	ConfigMaps   []core.ConfigMap
	Deployments  []apps.Deployment
	StatefulSets []apps.StatefulSet
}

// listed reports whether objects of the kind are in Live.
func listed(kind string) bool {
	switch kind {
	case "Service", "ConfigMap", "Deployment", "StatefulSet":
		return true
	}
	return false
}

// isWorkload reports whether objects of the kind run pods.
func isWorkload(kind string) bool {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return true
	}
	return false
}

// Workloads is the rollout state of the Deployments and StatefulSets.
func (l Live) Workloads() []rollout.Workload {
	return rollout.WorkloadsOf(l.Deployments, l.StatefulSets)
}

// Lost are the workloads of the manifests that somebody deleted.
func (l Live) Lost(manifests []helm.Object) (lost []helm.Object) {
	live := map[string]bool{}
	for _, workload := range l.Workloads() {
		live[workload.Path()] = true
	}
	for _, object := range manifests {
		if listed(object.Kind) && isWorkload(object.Kind) && !live[object.Path()] {
			lost = append(lost, object)
		}
	}
	return lost
}

// index maps the live objects by their paths.
func (l Live) index() (map[string]*unstructured.Unstructured, error) {
	found := map[string]*unstructured.Unstructured{}
	add := func(object any, apiVersion, kind string) error {
		live, err := kube.Unstructured(object, apiVersion, kind)
		if err == nil {
			found[helm.Object{Kind: kind, Name: live.GetName()}.Path()] = live
		}
		return err
	}
	var err error
	for i := 0; i < len(l.Services) && err == nil; i++ {
		err = add(l.Services[i], "v1", "Service")
	}
	for i := 0; i < len(l.ConfigMaps) && err == nil; i++ {
		err = add(l.ConfigMaps[i], "v1", "ConfigMap")
	}
	for i := 0; i < len(l.Deployments) && err == nil; i++ {
		err = add(l.Deployments[i], "apps/v1", "Deployment")
	}
	for i := 0; i < len(l.StatefulSets) && err == nil; i++ {
		err = add(l.StatefulSets[i], "apps/v1", "StatefulSet")
	}
	return found, err
}
