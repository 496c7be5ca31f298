// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// chartLabel marks the pods of the Helm controller's Jobs; the simulated nodes leave them to the runner.
const chartLabel = "helmcharts.helm.cattle.io/chart"

// Runner carries out the Jobs of the Helm controller.
type Runner struct {
	client kubernetes.Interface
	rest   *rest.Config
	log    *slog.Logger

	mutex   sync.Mutex
	workers map[types.UID]*worker
}

// New makes a runner for the cluster of that configuration.
func New(config *rest.Config, log *slog.Logger) (*Runner, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", config.Host, err)
	}
	return &Runner{client: client, rest: config, log: log, workers: map[types.UID]*worker{}}, nil
}

// Run runs until the context ends.
func (r *Runner) Run(ctx context.Context) error {
	onlyCharts := informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = chartLabel })
	factory := informers.NewSharedInformerFactoryWithOptions(r.client, time.Minute, onlyCharts)
	informer := factory.Core().V1().Pods().Informer()
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { r.consider(ctx, object) },
		UpdateFunc: func(_, object any) { r.consider(ctx, object) },
		DeleteFunc: r.abandon,
	})
	if err != nil {
		return fmt.Errorf("watch the pods: %w", err)
	}
	factory.Start(ctx.Done())
	r.log.Info("waiting for pods of HelmCharts")
	<-ctx.Done()
	return nil
}

// consider decides what a pod needs: a worker, the end of its worker, or nothing.
func (r *Runner) consider(ctx context.Context, object any) {
	pod, isPod := object.(*corev1.Pod)
	if !isPod || pod.Spec.NodeName == "" {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	working, busy := r.workers[pod.UID]
	switch {
	case pod.DeletionTimestamp != nil && busy && !working.over:
		working.terminate(grace(pod))
	case pod.DeletionTimestamp != nil:
		go r.remove(ctx, pod)
	case !busy && !finished(pod):
		r.hire(ctx, pod)
	}
}

// hire starts the pod's worker. It is remembered until the pod is gone, so that a late event about the pod does
// not start a second one.
func (r *Runner) hire(ctx context.Context, pod *corev1.Pod) {
	within, cancel := context.WithCancel(ctx)
	hired := &worker{runner: r, pod: pod.DeepCopy(), cancel: cancel, leaving: make(chan struct{})}
	r.workers[pod.UID] = hired
	go func() {
		defer cancel()
		hired.work(within)
		r.mutex.Lock()
		hired.over = true
		r.mutex.Unlock()
		if hired.isLeaving() {
			r.remove(ctx, pod)
		}
	}()
}

// abandon stops the worker of a pod that disappeared without a deletion.
func (r *Runner) abandon(object any) {
	if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = tombstone.Obj
	}
	pod, isPod := object.(*corev1.Pod)
	if !isPod {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if working, busy := r.workers[pod.UID]; busy {
		working.terminate(0)
		delete(r.workers, pod.UID)
	}
}

// remove confirms to the API server that the pod's containers have ended.
func (r *Runner) remove(ctx context.Context, pod *corev1.Pod) {
	now := int64(0)
	options := metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID}}
	if err := r.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options); err != nil {
		r.log.Debug("remove the pod", "pod", pod.Name, "cause", err)
	}
}

func finished(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func grace(pod *corev1.Pod) time.Duration {
	if pod.DeletionGracePeriodSeconds == nil {
		return 0
	}
	return time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
}
