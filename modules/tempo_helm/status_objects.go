// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"slices"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Objects are the release's objects as they live, of the kinds that make Tempo
// run. Each kind costs one request.
type Objects struct {
	Services     []core.Service
	ConfigMaps   []core.ConfigMap
	Deployments  []apps.Deployment
	StatefulSets []apps.StatefulSet
}

// listed are the kinds in Objects.
var listed = map[string]bool{"Service": true, "ConfigMap": true, "Deployment": true, "StatefulSet": true}

// live reads what the release made, or what exists under its name without it. The
// configuration is of interest only where it is compared.
func (c *client) live(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Release.Status == helm.Absent && (spec.absent() || !status.Namespace.Found) {
		return nil
	}
	selector, live := kube.InstanceLabel+"="+spec.Release, &status.Live
	if live.Services, err = c.cluster.Services(ctx, spec.Namespace, selector); err != nil {
		return err
	}
	if live.Deployments, live.StatefulSets, err = c.cluster.WorkloadObjects(ctx, spec.Namespace, selector); err != nil {
		return err
	}
	if spec.Drift != driftIgnore && !spec.absent() {
		live.ConfigMaps, err = c.cluster.ConfigMaps(ctx, spec.Namespace, selector)
	}
	return err
}

// workloads are how far the Deployments and StatefulSets are.
func (s Status) workloads() []kube.Workload {
	return kube.WorkloadsOf(s.Live.Deployments, s.Live.StatefulSets)
}

// index finds the live objects by their paths.
func (o Objects) index() (map[string]*unstructured.Unstructured, error) {
	found := map[string]*unstructured.Unstructured{}
	add := func(object any, apiVersion, kind string) error {
		live, err := kube.Unstructured(object, apiVersion, kind)
		if err == nil {
			found[helm.Object{Kind: kind, Name: live.GetName()}.Path()] = live
		}
		return err
	}
	var err error
	for i := 0; i < len(o.Services) && err == nil; i++ {
		err = add(o.Services[i], "v1", "Service")
	}
	for i := 0; i < len(o.ConfigMaps) && err == nil; i++ {
		err = add(o.ConfigMaps[i], "v1", "ConfigMap")
	}
	for i := 0; i < len(o.Deployments) && err == nil; i++ {
		err = add(o.Deployments[i], "apps/v1", "Deployment")
	}
	for i := 0; i < len(o.StatefulSets) && err == nil; i++ {
		err = add(o.StatefulSets[i], "apps/v1", "StatefulSet")
	}
	return found, err
}

// claims reads the volume claims that are to go with the release, and those that
// it will find again. StatefulSets leave them behind.
func (c *client) claims(ctx context.Context, spec Spec, status *Status) error {
	if spec.absent() && !spec.RemoveVolumes || !spec.absent() && !spec.KeepsVolumes() {
		return nil
	}
	claims, err := c.cluster.Claims(ctx, spec.Namespace, kube.InstanceLabel+"="+spec.Release)
	if err != nil && !spec.absent() {
		return unlessForbidden(err) // who may not read them is not warned about them
	}
	status.Claims = slices.DeleteFunc(claims, func(claim core.PersistentVolumeClaim) bool { return claim.DeletionTimestamp != nil })
	return err
}

// nodes reads the cluster's nodes when something is to be deployed on them. Who
// may not read them is not warned about them.
func (c *client) nodes(ctx context.Context, spec Spec, status *Status) (err error) {
	if status.Proposal.Manifest == "" || status.Nodes != nil {
		return nil
	}
	status.Nodes, err = c.cluster.Nodes(ctx)
	return unlessForbidden(err)
}

// pods reads those of the release: an upgrade replaces them, and one that was
// killed says so as long as it is there.
func (c *client) pods(ctx context.Context, spec Spec, status *Status) (err error) {
	if spec.absent() || !status.Proposal.Upgrade {
		return nil
	}
	status.Pods, err = c.cluster.Pods(ctx, spec.Namespace, kube.InstanceLabel+"="+spec.Release)
	status.PodsHidden = err
	return unlessForbidden(err)
}

// unlessForbidden is the error of a read that is done without where this user may
// not do it.
func unlessForbidden(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}
