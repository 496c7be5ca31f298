// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"
	"slices"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// Tempo is the collector of the traces.
type Tempo struct {
	Endpoints      map[string]string
	Namespace      string
	ServiceAccount string
	// Pods is how many there are, Meshed whether all of them have a proxy.
	Pods   int
	Meshed bool
}

// tempo reads how Tempo is reached and whether it is in the mesh.
func (c *client) tempo(ctx context.Context, spec Spec) (Tempo, error) {
	found := Tempo{Namespace: spec.TempoNamespace, ServiceAccount: spec.ServiceAccount, Endpoints: spec.Endpoints}
	if len(spec.Endpoints) == 0 {
		services, err := discovery.TempoServices(ctx, c.cluster, spec.TempoNamespace, spec.TempoRelease)
		if err != nil {
			return found, err
		}
		found.Endpoints = map[string]string{}
		for name, address := range tempo.Endpoints(services, "cluster.local", nil) {
			found.Endpoints[string(name)] = address
		}
	}
	pods, err := c.cluster.Pods(ctx, spec.TempoNamespace, kube.InstanceLabel+"="+spec.TempoRelease)
	if err != nil {
		return found, err
	}
	return found.with(tempoPods(pods)), nil
}

// tempoPods are those of a release that run Tempo: of its name, or of another one by
// nameOverride. There may also be those of subcharts.
func tempoPods(pods []core.Pod) []core.Pod {
	others := func(pod core.Pod) bool { return pod.Labels[nameLabel] != "tempo" }
	if slices.ContainsFunc(pods, others) && !slices.ContainsFunc(pods, func(pod core.Pod) bool { return !others(pod) }) {
		return slices.DeleteFunc(pods, func(pod core.Pod) bool { return pod.Labels[nameLabel] == "rollout-operator" })
	}
	return slices.DeleteFunc(pods, others)
}

const nameLabel = "app.kubernetes.io/name"

// with adds what the pods show. Memcached carries Tempo's labels and none of its
// spans.
func (t Tempo) with(pods []core.Pod) Tempo {
	t.Meshed = true
	for _, pod := range pods {
		if pod.Labels[kube.ComponentLabel] == "memcached" || pod.DeletionTimestamp != nil {
			continue
		}
		t.Pods++
		t.Meshed = t.Meshed && proxied(pod)
		if t.ServiceAccount == "" {
			t.ServiceAccount = pod.Spec.ServiceAccountName
		}
	}
	t.Meshed = t.Meshed && t.Pods > 0
	if t.ServiceAccount == "" {
		t.ServiceAccount = "tempo" // the charts' own, tempo-distributed templates/_helpers.tpl
	}
	return t
}

// proxied reports a pod in the mesh. A native sidecar is among the init
// containers.
func proxied(pod core.Pod) bool {
	for _, container := range append(append([]core.Container{}, pod.Spec.Containers...), pod.Spec.InitContainers...) {
		if container.Name == "linkerd-proxy" {
			return true
		}
	}
	return false
}
