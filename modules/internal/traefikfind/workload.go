// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"context"
	"slices"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// Workload is the Deployment or DaemonSet that runs Traefik.
type Workload struct {
	Kind, Name, Namespace string
	// Release is "namespace/name" of the Helm release it belongs to, or "".
	Release string
	// Chart is the label helm.sh/chart: traefik-39.0.7.
	Chart string
	Image string
	Args  []string
	Env   map[string]string
	// Owner is the GitOps object behind it.
	Owner kube.Owner
	// Selector finds its pods, as a list takes it.
	Selector string
	// Sidecars is whether other containers are beside Traefik's.
	Sidecars bool
	// RolledOut is whether every pod runs the newest template.
	RolledOut bool

	// named is whether it has the chart's own name, proxies whether its container
	// has entry points.
	named, proxies bool
}

func (w Workload) String() string { return strings.ToLower(w.Kind) + "/" + w.Namespace + "/" + w.Name }

// The labels by which workloads are listed. The chart puts the first on its
// workload since 9.12 (traefik-helm-chart, traefik/templates/_helpers.tpl,
// traefik.labels); nameOverride changes it, so that then everything is listed
// that Helm has made.
const (
	byName = "app.kubernetes.io/name=traefik"
	byHelm = kube.ManagedByLabel + "=Helm"
)

// lists are the ways to the workloads, the cheapest first.
var lists = []struct {
	selector string
	list     func(context.Context, kube.Reader, string) ([]Workload, error)
}{
	{byName, deployments}, {byName, daemonSets},
	{byHelm, deployments}, {byHelm, daemonSets},
}

func deployments(ctx context.Context, cluster kube.Reader, selector string) (all []Workload, err error) {
	found, err := cluster.Deployments(ctx, "", selector)
	for _, item := range found {
		all = append(all, FromDeployment(item))
	}
	return all, err
}

func daemonSets(ctx context.Context, cluster kube.Reader, selector string) (all []Workload, err error) {
	found, err := cluster.DaemonSets(ctx, "", selector)
	for _, item := range found {
		all = append(all, FromDaemonSet(item))
	}
	return all, err
}

// chartLabel is the label helm.sh/chart of Traefik's chart, which no value
// changes, and of no other chart such as traefik-crds.
var chartLabel = lazyregexp.Regexp{Expr: `^traefik-\d`}

// joined adds those of more that are Traefik's: by name or chart, or by the
// release of a HelmChart of Traefik's.
func joined(known, more []Workload, charts []kube.HelmChart) []Workload {
	for _, w := range more {
		ours := w.named || w.ByTraefiksChart() ||
			slices.ContainsFunc(charts, func(c kube.HelmChart) bool { return installs(c) && chartRelease(c) == w.Release && w.proxies })
		if ours && !among(known, w) {
			known = append(known, w)
		}
	}
	return known
}

func among(known []Workload, w Workload) bool {
	return slices.ContainsFunc(known, func(k Workload) bool { return k.String() == w.String() })
}

// alike are those of more that run Traefik though neither name nor chart says so, as a
// subchart with an alias does: its chart has the alias as its name in every label.
func alike(known, more []Workload) []Workload {
	for _, w := range more {
		if w.proxies && !among(known, w) {
			known = append(known, w)
		}
	}
	return known
}

// Reload reads a workload again, and how far its rollout is; Name stays empty
// when it is gone.
func Reload(ctx context.Context, cluster kube.Reader, old Workload) (Workload, rollout.Workload, error) {
	if old.Kind == "DaemonSet" {
		set, err := cluster.DaemonSet(ctx, old.Namespace, old.Name)
		if err != nil || set == nil {
			return Workload{}, rollout.Workload{}, err
		}
		return FromDaemonSet(*set), rollout.FromDaemonSet(*set), nil
	}
	deployment, err := cluster.Deployment(ctx, old.Namespace, old.Name)
	if err != nil || deployment == nil {
		return Workload{}, rollout.Workload{}, err
	}
	return FromDeployment(*deployment), rollout.FromDeployment(*deployment), nil
}

// FromDeployment reads what a Deployment runs.
func FromDeployment(d apps.Deployment) Workload {
	return workload("Deployment", d.ObjectMeta, d.Spec.Selector, d.Spec.Template.Spec, rollout.Deployment(d).Done())
}

// FromDaemonSet reads what a DaemonSet runs.
func FromDaemonSet(d apps.DaemonSet) Workload {
	return workload("DaemonSet", d.ObjectMeta, d.Spec.Selector, d.Spec.Template.Spec, rollout.DaemonSet(d).Done())
}

func workload(kind string, object meta.ObjectMeta, pods *meta.LabelSelector, pod core.PodSpec, done bool) Workload {
	w := Workload{Kind: kind, Name: object.Name, Namespace: object.Namespace, Chart: object.Labels["helm.sh/chart"],
		Selector: meta.FormatLabelSelector(pods), RolledOut: done, Env: map[string]string{}, Owner: kube.OwnerOf(&object),
		named: object.Labels["app.kubernetes.io/name"] == "traefik"}
	if name := object.Annotations["meta.helm.sh/release-name"]; name != "" {
		w.Release = object.Annotations["meta.helm.sh/release-namespace"] + "/" + name
	}
	if len(pod.Containers) == 0 {
		return w
	}
	container := container(object.Name, pod.Containers)
	w.Sidecars = len(pod.Containers) > 1
	w.Image, w.Args = container.Image, slices.Concat(container.Command, container.Args)
	w.proxies = slices.ContainsFunc(w.Args, entryPoint)
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
		if slices.ContainsFunc(one.Args, entryPoint) {
			return one
		}
	}
	return all[0]
}

func entryPoint(arg string) bool { return strings.HasPrefix(strings.ToLower(arg), "--entrypoints.") }

// FromObject reads a rendered Deployment or DaemonSet.
func FromObject(object helm.Object) (Workload, bool) {
	convert := runtime.DefaultUnstructuredConverter.FromUnstructured
	switch object.Kind {
	case "Deployment":
		var d apps.Deployment
		err := convert(object.Content, &d)
		return FromDeployment(d), err == nil
	case "DaemonSet":
		var d apps.DaemonSet
		err := convert(object.Content, &d)
		return FromDaemonSet(d), err == nil
	}
	return Workload{}, false
}
