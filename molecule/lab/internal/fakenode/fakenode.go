// SPDX-License-Identifier: AGPL-3.0-or-later

// Package fakenode ends the deleted pods of simulated nodes, each by its UID, as a kubelet does. kwok's own stage would
// delete by name, and twice when it hears of a pod twice, so that it now and then ended the next pod of a StatefulSet,
// which has the same name (kwok 0.8.0, pkg/kwok/controllers/pod_controller.go, deleteResource).
package fakenode

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// The annotation of a simulated node, and the label of the pods that the Helm runner ends.
const (
	annotation = "kwok.x-k8s.io/node"
	fake       = "fake"
	chartLabel = "helmcharts.helm.cattle.io/chart"
)

// again is how soon a pod whose deletion failed is retried.
const again = 10 * time.Second

type nodes struct {
	client kubernetes.Interface
	known  corelisters.NodeLister
	log    *slog.Logger
}

// EndPods runs until the context ends.
func EndPods(ctx context.Context, client kubernetes.Interface, log *slog.Logger) error {
	others, err := labels.Parse("!" + chartLabel)
	if err != nil {
		return fmt.Errorf("select pods: %w", err)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, again, informers.WithTransform(lean))
	n := nodes{client, factory.Core().V1().Nodes().Lister(), log}
	factory.Core().V1().Nodes().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done()) // a pod whose node was not known is not looked at again soon
	pods := factory.Core().V1().Pods().Informer()
	_, err = pods.AddEventHandler(cache.FilteringResourceEventHandler{
		FilterFunc: func(object any) bool {
			pod, ok := object.(*corev1.Pod)
			return ok && pod.DeletionTimestamp != nil && others.Matches(labels.Set(pod.Labels))
		},
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { n.end(ctx, object) },
			UpdateFunc: func(_, object any) { n.end(ctx, object) },
		},
	})
	if err != nil {
		return fmt.Errorf("watch the pods: %w", err)
	}
	factory.Start(ctx.Done())
	<-ctx.Done()
	return nil
}

// lean drops the fields of a pod that are not needed here.
func lean(object any) (any, error) {
	if pod, ok := object.(*corev1.Pod); ok {
		pod.ManagedFields, pod.Status = nil, corev1.PodStatus{}
		pod.Spec = corev1.PodSpec{NodeName: pod.Spec.NodeName}
	}
	return object, nil
}

func (n nodes) end(ctx context.Context, object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok || !n.simulated(pod.Spec.NodeName) {
		return
	}
	go func() {
		now := int64(0)
		options := metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID}}
		err := n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			n.log.Warn("end the pod", "pod", pod.Namespace+"/"+pod.Name, "cause", err)
		}
	}()
}

func (n nodes) simulated(name string) bool {
	node, err := n.known.Get(name)
	return err == nil && node.Annotations[annotation] == fake
}
