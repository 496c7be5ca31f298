// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"context"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// tempo reads how Tempo is reached and whether it is in the mesh.
func (m *Module) tempo(ctx context.Context, args Args) (Tempo, error) {
	found := Tempo{Namespace: args.TempoNamespace, ServiceAccount: args.ServiceAccount, Endpoints: map[string]string{}}
	options := meta.ListOptions{LabelSelector: kube.InstanceLabel + "=" + args.TempoRelease + ",app.kubernetes.io/name=tempo"}
	for name, value := range args.Endpoints {
		found.Endpoints[name], _ = value.(string)
	}
	if len(args.Endpoints) == 0 {
		services, err := m.clients.Core.Services(args.TempoNamespace).List(ctx, options)
		if err != nil {
			return found, kube.Fault("list the Services in namespace "+args.TempoNamespace, err)
		}
		for name, address := range tempo.Endpoints(services.Items, "cluster.local", nil) {
			found.Endpoints[string(name)] = address
		}
	}
	pods, err := m.clients.Core.Pods(args.TempoNamespace).List(ctx, options)
	if err != nil {
		return found, kube.Fault("list the pods in namespace "+args.TempoNamespace, err)
	}
	return found.with(pods.Items), nil
}

// with adds what the pods tell. Memcached carries Tempo's labels and none of its
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

// proxied tells a pod in the mesh. A native sidecar is among the init
// containers.
func proxied(pod core.Pod) bool {
	for _, container := range append(append([]core.Container{}, pod.Spec.Containers...), pod.Spec.InitContainers...) {
		if container.Name == "linkerd-proxy" {
			return true
		}
	}
	return false
}
