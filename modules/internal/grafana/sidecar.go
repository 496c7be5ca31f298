// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	apps "k8s.io/client-go/kubernetes/typed/apps/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// Sidecar is the container beside Grafana that turns labelled ConfigMaps and
// Secrets into provisioning files (kiwigrid/k8s-sidecar, README.md).
type Sidecar struct {
	// Namespace is where it looks.
	Namespace string
	// Label and Value mark what it takes. An empty Value is any.
	Label, Value string
	// Kinds is what it takes: "configmap", "secret" or "both".
	Kinds string
}

// Selector is the label selector of what the sidecar takes.
func (s Sidecar) Selector() string {
	if s.Value == "" {
		return s.Label
	}
	return s.Label + "=" + s.Value
}

// Takes reports whether the sidecar takes objects of a kind.
func (s Sidecar) Takes(kind string) bool {
	return s.Kinds == "" || s.Kinds == "both" || strings.EqualFold(s.Kinds, kind)
}

// ErrNoGrafana is the error for a cluster in which no Grafana is found.
const ErrNoGrafana = fault.Sentinel("no Grafana runs")

// The labels by which Grafana's Deployment or StatefulSet is listed. The chart puts the
// first on it unless nameOverride changes it, and the second in any case
// (charts/grafana/templates/_helpers.tpl of grafana-community/helm-charts).
const (
	grafanaLabel = "app.kubernetes.io/name=grafana"
	chartLabel   = "helm.sh/chart"
)

// grafanaChart is the label helm.sh/chart of Grafana's own chart, and of no other such as
// grafana-agent.
var grafanaChart = lazyregexp.Regexp{Expr: `^grafana-\d`}

// Sidecar reads from Grafana's workload what its sidecar for data sources looks
// for. An empty namespace means all.
func (r ProvisioningReader) Sidecar(ctx context.Context, namespace string) (Sidecar, error) {
	found, pods, err := sidecars(ctx, r.clients.Apps, namespace)
	if err != nil {
		return Sidecar{}, kube.Fault("find Grafana's sidecar", err)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Sidecar{}, fault.New(fault.Usage, "give namespace", "find Grafana's sidecar: there are %d, in the namespaces %s", len(found), namespaces(found))
	case pods == 0:
		return Sidecar{}, fault.Wrap(fault.NotFound, "give grafana_url to use the API, or namespace and configmap_label", "find Grafana's sidecar",
			fmt.Errorf("%w in %s", ErrNoGrafana, place(namespace)))
	}
	return Sidecar{}, fault.New(fault.Unsupported, "set sidecar.datasources.enabled: true in Grafana's chart, or use via: api",
		"find Grafana's sidecar: the Grafana in %s has none for data sources", place(namespace))
}

// sidecars looks among what is called Grafana, then, where that has none, among what
// Grafana's chart has made under another name.
func sidecars(ctx context.Context, client apps.AppsV1Interface, namespace string) (found []Sidecar, pods int, err error) {
	for _, selector := range []string{grafanaLabel, chartLabel} {
		all, err := workloads(ctx, client, namespace, selector)
		if err != nil {
			return nil, 0, err
		}
		for _, one := range all {
			found = append(found, within(one.namespace, one.pod)...)
		}
		if pods += len(all); len(found) > 0 {
			break
		}
	}
	return found, pods, nil
}

// workload is a Deployment or StatefulSet that runs a Grafana.
type workload struct {
	namespace string
	pod       core.PodSpec
}

func workloads(ctx context.Context, client apps.AppsV1Interface, namespace, selector string) (all []workload, err error) {
	add := func(object meta.ObjectMeta, template core.PodTemplateSpec) {
		if selector == grafanaLabel || grafanaChart.Get().MatchString(object.Labels[chartLabel]) {
			all = append(all, workload{object.Namespace, template.Spec})
		}
	}
	options := meta.ListOptions{LabelSelector: selector}
	deployments, err := client.Deployments(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, item := range deployments.Items {
		add(item.ObjectMeta, item.Spec.Template)
	}
	sets, err := client.StatefulSets(namespace).List(ctx, options)
	if err != nil {
		return nil, err
	}
	for _, item := range sets.Items {
		add(item.ObjectMeta, item.Spec.Template)
	}
	return all, nil
}

// within finds the container by its environment, since its name is the
// chart's choice. Newer charts start it as an init container that stays
// (charts/grafana/templates/_pod.tpl of grafana-community/helm-charts, 12.x); one
// with METHOD LIST only looks once.
func within(namespace string, pod core.PodSpec) []Sidecar {
	for _, container := range append(slices.Clone(pod.Containers), pod.InitContainers...) {
		env := map[string]string{}
		for _, variable := range container.Env {
			env[variable.Name] = variable.Value
		}
		if env["LABEL"] == "" || env["METHOD"] == "LIST" || !strings.HasSuffix(strings.TrimSuffix(env["FOLDER"], "/"), "datasources") {
			continue
		}
		return []Sidecar{{Namespace: searched(env["NAMESPACE"], namespace), Label: env["LABEL"], Value: env["LABEL_VALUE"], Kinds: env["RESOURCE"]}}
	}
	return nil
}

// searched is the namespace to use: the sidecar's own unless it looks only
// elsewhere. NAMESPACE may be ALL or a list.
func searched(list, own string) string {
	if list == "" || list == "ALL" {
		return own
	}
	all := strings.Split(list, ",")
	for _, name := range all {
		if strings.TrimSpace(name) == own {
			return own
		}
	}
	return strings.TrimSpace(all[0])
}

func namespaces(found []Sidecar) string {
	names := make([]string, len(found))
	for i, item := range found {
		names[i] = item.Namespace
	}
	return strings.Join(names, ", ")
}

func place(namespace string) string {
	if namespace == "" {
		return "the cluster"
	}
	return fmt.Sprintf("namespace %s", namespace)
}
