// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"regexp"
	"slices"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
)

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
	list     func(*Module, context.Context, string) ([]Workload, error)
}{
	{byName, (*Module).deployments}, {byName, (*Module).daemonSets},
	{byHelm, (*Module).deployments}, {byHelm, (*Module).daemonSets},
}

func (m *Module) deployments(ctx context.Context, selector string) ([]Workload, error) {
	found, err := m.clients.Apps.Deployments("").List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, kube.Fault("list Deployments with the label "+selector, err)
	}
	var all []Workload
	for _, item := range found.Items {
		all = append(all, fromDeployment(item))
	}
	return all, nil
}

func (m *Module) daemonSets(ctx context.Context, selector string) ([]Workload, error) {
	found, err := m.clients.Apps.DaemonSets("").List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, kube.Fault("list DaemonSets with the label "+selector, err)
	}
	var all []Workload
	for _, item := range found.Items {
		all = append(all, fromDaemonSet(item))
	}
	return all, nil
}

// chartLabel is the label helm.sh/chart of Traefik's chart, which no value
// changes, and of no other chart such as traefik-crds.
var chartLabel = regexp.MustCompile(`^traefik-\d`)

// joined adds those of more that are Traefik's: by name or chart, or by the
// release of a HelmChart of Traefik's.
func joined(known, more []Workload, charts []kube.HelmChart) []Workload {
	for _, w := range more {
		ours := w.named || chartLabel.MatchString(w.Chart) ||
			slices.ContainsFunc(charts, func(c kube.HelmChart) bool { return installs(c) && chartRelease(c) == w.Release && w.proxies })
		twice := slices.ContainsFunc(known, func(k Workload) bool { return k.String() == w.String() })
		if ours && !twice {
			known = append(known, w)
		}
	}
	return known
}

// reload reads a workload again; Name stays empty when it is gone.
func (m *Module) reload(ctx context.Context, old Workload) (Workload, error) {
	now, err := m.fetch(ctx, old)
	if apierrors.IsNotFound(err) {
		return Workload{}, nil
	}
	return now, kube.Fault("read "+old.String(), err)
}

func (m *Module) fetch(ctx context.Context, old Workload) (Workload, error) {
	if old.Kind == "DaemonSet" {
		set, err := m.clients.Apps.DaemonSets(old.Namespace).Get(ctx, old.Name, meta.GetOptions{})
		if err != nil {
			return Workload{}, err
		}
		return fromDaemonSet(*set), nil
	}
	deployment, err := m.clients.Apps.Deployments(old.Namespace).Get(ctx, old.Name, meta.GetOptions{})
	if err != nil {
		return Workload{}, err
	}
	return fromDeployment(*deployment), nil
}

func fromDeployment(d apps.Deployment) Workload {
	return workload("Deployment", d.ObjectMeta, d.Spec.Selector, d.Spec.Template.Spec, rollout.Deployment(d).Done())
}

func fromDaemonSet(d apps.DaemonSet) Workload {
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
