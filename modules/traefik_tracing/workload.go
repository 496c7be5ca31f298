// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"slices"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// selector is a label that the chart puts on its workload since 9.12
// (traefik-helm-chart, traefik/templates/_helpers.tpl, traefik.labels).
const selector = "app.kubernetes.io/name=traefik"

// workloads lists the Deployments of Traefik in all namespaces, and its
// DaemonSets where there is no Deployment.
func (m *Module) workloads(ctx context.Context) ([]Workload, error) {
	options := meta.ListOptions{LabelSelector: selector}
	deployments, err := m.clients.Apps.Deployments("").List(ctx, options)
	if err != nil {
		return nil, kube.Fault("list Deployments with the label "+selector, err)
	}
	var all []Workload
	for _, item := range deployments.Items {
		all = append(all, fromDeployment(item))
	}
	if len(all) > 0 {
		return all, nil
	}
	sets, err := m.clients.Apps.DaemonSets("").List(ctx, options)
	if err != nil {
		return nil, kube.Fault("list DaemonSets with the label "+selector, err)
	}
	for _, item := range sets.Items {
		all = append(all, fromDaemonSet(item))
	}
	return all, nil
}

// reload reads a workload again; Name stays empty when it is gone.
func (m *Module) reload(ctx context.Context, old Workload) (Workload, error) {
	all, err := m.workloads(ctx)
	if err != nil {
		return Workload{}, err
	}
	at := slices.IndexFunc(all, func(w Workload) bool { return w.Name == old.Name && w.Namespace == old.Namespace })
	if at < 0 {
		return Workload{}, nil
	}
	return all[at], nil
}

func fromDeployment(d apps.Deployment) Workload {
	status, replicas := d.Status, int32(1)
	if d.Spec.Replicas != nil {
		replicas = *d.Spec.Replicas
	}
	done := status.ObservedGeneration >= d.Generation && status.UpdatedReplicas == replicas &&
		status.Replicas == replicas && status.AvailableReplicas == replicas
	return workload("Deployment", d.ObjectMeta, d.Spec.Selector, d.Spec.Template.Spec, done)
}

func fromDaemonSet(d apps.DaemonSet) Workload {
	status := d.Status
	done := status.ObservedGeneration >= d.Generation && status.UpdatedNumberScheduled == status.DesiredNumberScheduled &&
		status.NumberAvailable == status.DesiredNumberScheduled
	return workload("DaemonSet", d.ObjectMeta, d.Spec.Selector, d.Spec.Template.Spec, done)
}

func workload(kind string, object meta.ObjectMeta, pods *meta.LabelSelector, pod core.PodSpec, done bool) Workload {
	w := Workload{Kind: kind, Name: object.Name, Namespace: object.Namespace, Chart: object.Labels["helm.sh/chart"],
		Selector: meta.FormatLabelSelector(pods), RolledOut: done, Env: map[string]string{}, Manager: managerOf(object)}
	if name := object.Annotations["meta.helm.sh/release-name"]; name != "" {
		w.Release = object.Annotations["meta.helm.sh/release-namespace"] + "/" + name
	}
	container := container(object.Name, pod.Containers)
	w.Image, w.Args = container.Image, slices.Concat(container.Command, container.Args)
	for _, variable := range container.Env {
		w.Env[variable.Name] = variable.Value
	}
	return w
}

// container finds Traefik's own among sidecars: the chart gives it the name of
// the workload, and Traefik always has entry points.
func container(name string, all []core.Container) core.Container {
	for _, one := range all {
		if one.Name == name {
			return one
		}
	}
	for _, one := range all {
		if slices.ContainsFunc(one.Args, func(arg string) bool { return strings.HasPrefix(strings.ToLower(arg), "--entrypoints.") }) {
			return one
		}
	}
	return all[0]
}

// managerOf names the GitOps object that an object belongs to, or "".
func managerOf(object meta.ObjectMeta) string {
	labels, annotations := object.Labels, object.Annotations
	switch {
	case labels["helm.toolkit.fluxcd.io/name"] != "":
		return "Flux' HelmRelease " + labels["helm.toolkit.fluxcd.io/namespace"] + "/" + labels["helm.toolkit.fluxcd.io/name"]
	case labels["kustomize.toolkit.fluxcd.io/name"] != "":
		return "Flux' Kustomization " + labels["kustomize.toolkit.fluxcd.io/namespace"] + "/" + labels["kustomize.toolkit.fluxcd.io/name"]
	case annotations["argocd.argoproj.io/tracking-id"] != "":
		name, _, _ := strings.Cut(annotations["argocd.argoproj.io/tracking-id"], ":")
		return "Argo CD's Application " + name
	}
	return ""
}
