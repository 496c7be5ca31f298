// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// objects reads what the release made, or what is there under its name without
// it. The configuration is of interest only where it is compared.
func (m *Module) objects(ctx context.Context, have *State) error {
	if have.Release.Status == helm.Absent && (have.args.State == absent || !have.Namespace.Found) {
		return nil
	}
	args, live := have.args, &have.Live
	options := meta.ListOptions{LabelSelector: kube.InstanceLabel + "=" + args.Release}
	services, err := m.clients.Core.Services(args.Namespace).List(ctx, options)
	if err != nil {
		return kube.Fault("list Services in "+args.Namespace, err)
	}
	live.Services = services.Items
	if live.Deployments, live.StatefulSets, err = m.clients.WorkloadObjects(ctx, args.Namespace, options.LabelSelector); err != nil {
		return err
	}
	if args.Drift == driftIgnore || args.State == absent {
		return nil
	}
	configs, err := m.clients.Core.ConfigMaps(args.Namespace).List(ctx, options)
	if err != nil {
		return kube.Fault("list ConfigMaps in "+args.Namespace, err)
	}
	live.ConfigMaps = configs.Items
	return nil
}

// workloads are how far the Deployments and StatefulSets are.
func (s State) workloads() []kube.Workload {
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

// claims reads the volume claims that are to go with the release. StatefulSets
// leave them behind.
func (m *Module) claims(ctx context.Context, have *State) error {
	args := have.args
	if args.State != absent || !args.RemoveVolumes {
		return nil
	}
	list, err := m.clients.Core.PersistentVolumeClaims(args.Namespace).List(ctx, meta.ListOptions{LabelSelector: kube.InstanceLabel + "=" + args.Release})
	if err != nil {
		return kube.Fault("list volume claims in "+args.Namespace, err)
	}
	for _, claim := range list.Items {
		if claim.DeletionTimestamp == nil {
			have.Claims = append(have.Claims, claim.Name)
		}
	}
	return nil
}

// nodes reads the cluster's nodes when something is to be deployed on them. Who
// may not read them is not warned about them.
func (m *Module) nodes(ctx context.Context, have *State) error {
	if have.Target.Manifest == "" {
		return nil
	}
	list, err := m.clients.Core.Nodes().List(ctx, meta.ListOptions{})
	if apierrors.IsForbidden(err) {
		return nil
	}
	if err != nil {
		return kube.Fault("list nodes", err)
	}
	have.Nodes = list.Items
	return m.pods(ctx, have)
}

// pods reads those that an upgrade is to replace.
func (m *Module) pods(ctx context.Context, have *State) error {
	if !have.Target.Upgrade {
		return nil
	}
	list, err := m.clients.Core.Pods(have.args.Namespace).List(ctx, meta.ListOptions{LabelSelector: kube.InstanceLabel + "=" + have.args.Release})
	if apierrors.IsForbidden(err) {
		return nil
	}
	if err != nil {
		return kube.Fault("list pods in "+have.args.Namespace, err)
	}
	have.Pods = list.Items
	return nil
}
