// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package kube_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// There is no kubelet here, so only the checks before the forward are tested.
func TestForwardNeedsAReadyPod(t *testing.T) {
	c := newCluster(t)
	_, _, err := c.Forward(t.Context(), c.namespace, "tempo", 3200)
	requireFault(t, err, fault.NotFound, "forward a port to Service "+c.namespace+"/tempo port 3200: read Service "+c.namespace+"/tempo")
	c.apply(t, c.manifest(t, "{apiVersion: v1, kind: Service, metadata: {name: tempo}, spec: {selector: {app: tempo}, ports: [{name: http, port: 80, targetPort: http}, {name: raw, port: 3200}, {name: none, port: 9, targetPort: none}]}}"), "ring")
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1})
	podIn(t, c, "tempo-0", "old", crashing)
	for _, port := range []int{80, 3200, 9, 4711} {
		_, _, err = c.Forward(t.Context(), c.namespace, "tempo", port)
		requireFault(t, err, fault.Unreachable, "no pod of it is ready")
	}
	podIn(t, c, "tempo-1", "old", well)
	for _, port := range []int{80, 3200} {
		_, _, err = c.Forward(t.Context(), c.namespace, "tempo", port)
		require.ErrorContains(t, err, "forward a port to Service "+c.namespace+"/tempo port ")
		require.NotContains(t, err.Error(), "no pod of it is ready", "one pod is ready, so the API server is asked to forward")
	}
	for _, port := range []int{9, 4711} {
		_, _, err = c.Forward(t.Context(), c.namespace, "tempo", port)
		requireFault(t, err, fault.Unreachable, "no pod of it is ready")
	}
}

func TestUnreadyThroughTheProxy(t *testing.T) {
	c := newCluster(t)
	set(t, c, apps.StatefulSetStatus{ObservedGeneration: 1})
	tempo := workloads(t, c)[0]
	answer, err := rollout.In(c.Clients).UnreadyPod(t.Context(), c.namespace, tempo, 3200, "ready")
	require.NoError(t, err)
	require.Empty(t, answer, "there is no pod that could be unready")
	podIn(t, c, "tempo-0", "new", well)
	answer, err = rollout.In(c.Clients).UnreadyPod(t.Context(), c.namespace, tempo, 3200, "ready")
	require.True(t, err != nil || answer != "", "a pod without a node is not ready")
	_, err = rollout.In(c.stranger(t).Clients).UnreadyPod(t.Context(), c.namespace, tempo, 3200, "ready")
	requireFault(t, err, fault.Denied, "list pods of statefulset/tempo")
}

func TestAccessOfAKubeconfig(t *testing.T) {
	path := testkit.Env(t, "KUBECONFIG")
	access := kube.Access{Kubeconfig: path}
	cluster, err := access.Open()
	require.NoError(t, err)
	require.Equal(t, "default", cluster.Objects.Namespace, "the context names no namespace")
	live, err := cluster.Objects.Get(t.Context(), kube.Ref{APIVersion: "v1", Kind: "Namespace", Name: "kube-system"})
	require.NoError(t, err)
	require.NotNil(t, live)
	require.NoError(t, cluster.Gone(t.Context(), "kube-system"))

	config, err := clientcmd.LoadFromFile(path)
	require.NoError(t, err)
	for _, context := range config.Contexts {
		context.Namespace = "tracing"
	}
	text, err := clientcmd.Write(*config)
	require.NoError(t, err)
	cluster, err = kube.Access{Kubeconfig: string(text)}.Open()
	require.NoError(t, err)
	require.Equal(t, "tracing", cluster.Objects.Namespace)
	_, err = kube.Access{Kubeconfig: "/absent/kubeconfig"}.Open()
	requireFault(t, err, fault.NotFound, "read kubeconfig /absent/kubeconfig")
}

func TestLoadBalancerAddress(t *testing.T) {
	service := core.Service{}
	require.Empty(t, kube.LoadBalancerAddress(service))
	service.Status.LoadBalancer.Ingress = []core.LoadBalancerIngress{{}, {Hostname: "lb.example"}, {IP: "127.0.0.9"}}
	require.Equal(t, "lb.example", kube.LoadBalancerAddress(service))
}
