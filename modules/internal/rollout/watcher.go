// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Watcher looks at workloads repeatedly, and remembers since when something has
// kept their pods from being created or started. Each serves one wait.
type Watcher struct {
	cluster Cluster
	seen    map[string]observation
}

// observation is when an obstacle was first seen, and its mark then.
type observation struct {
	at   time.Time
	mark string
}

// Watch starts to observe.
func (c Cluster) Watch() *Watcher { return &Watcher{cluster: c, seen: map[string]observation{}} }

// Look says how far workloads are, as a progress line: "5/7 ready: waiting for
// ingester-0 (ContainerCreating)". It is done when all are ready. An error
// means that waiting is pointless.
func (r *Watcher) Look(ctx context.Context, namespace string, workloads []Workload) (done bool, state string, err error) {
	lagging := NotReady(workloads)
	if len(lagging) == 0 {
		return true, "", nil
	}
	ready, wanted := count(workloads)
	var waits []string
	for _, workload := range lagging {
		reason, err := r.Reason(ctx, namespace, workload)
		if err != nil {
			return false, "", err
		}
		waits = append(waits, reason)
	}
	return false, fmt.Sprintf("%d/%d ready: waiting for %s", ready, wanted, strings.Join(waits, ", ")), nil
}

// Reason names the pod that a workload waits for, and why, or says why there is
// none. An error means that waiting is pointless.
func (r *Watcher) Reason(ctx context.Context, namespace string, workload Workload) (string, error) {
	if err := workload.status.Err(workload.Path()); err != nil {
		return "", err
	}
	pods, err := r.cluster.podsOf(ctx, namespace, workload)
	if err != nil {
		return "", err
	}
	for _, pod := range pods {
		if problem := Diagnose(pod); problem != nil {
			return r.waitsFor(ctx, pod, *problem)
		}
	}
	found, err := r.cluster.notCreated(ctx, namespace, workload, len(pods))
	if err != nil {
		return "", err
	}
	text, err := r.judge(ctx, found)
	return cmp.Or(text, fmt.Sprintf("%s (%s)", workload.Path(), workload.Why)), err
}

// Obstacle says what keeps a workload's pods from being created or started by
// Kubernetes itself, "" if nothing does. An error means that waiting is
// pointless. A user who may not read pods or events learns nothing.
func (r *Watcher) Obstacle(ctx context.Context, namespace string, workload Workload) (string, error) {
	if workload.status.State == Held {
		return "", workload.status.Err(workload.Path())
	}
	found, err := r.cluster.blocked(ctx, namespace, workload)
	switch {
	case err != nil && fault.KindOf(err) == fault.Denied:
		return "", nil
	case err != nil:
		return "", err
	}
	return r.judge(ctx, found)
}

// blocked is the first obstacle of a workload's pods.
func (c Cluster) blocked(ctx context.Context, namespace string, workload Workload) (obstacle, error) {
	pods, err := c.podsOf(ctx, namespace, workload)
	if err != nil {
		return obstacle{}, err
	}
	for _, pod := range pods {
		if problem := Diagnose(pod); problem != nil {
			return c.notStarted(ctx, pod, *problem)
		}
	}
	return c.notCreated(ctx, namespace, workload, len(pods))
}

// waitsFor says why a pod is not ready yet.
func (r *Watcher) waitsFor(ctx context.Context, pod core.Pod, problem PodProblem) (string, error) {
	if r.cluster.isTerminal(ctx, pod, problem) {
		return "", r.cluster.terminal(ctx, pod, problem)
	}
	found, err := r.cluster.notStarted(ctx, pod, problem)
	if err != nil || found.what == "" {
		return fmt.Sprintf("%s (%s)", pod.Name, problem), err
	}
	return r.judge(ctx, found)
}

// judge gives an obstacle time to go away by itself. After that it ends the wait
// if the API server still refuses.
func (r *Watcher) judge(ctx context.Context, found obstacle) (string, error) {
	if !found.ends() {
		return found.String(), nil
	}
	first, known := r.seen[found.what]
	if !known {
		first = observation{time.Now(), found.mark}
		r.seen[found.what] = first
	}
	if time.Since(first.at) < found.grace() {
		return found.String(), nil
	}
	found, lasts, err := found.lasts(ctx, first.mark != found.mark)
	if err != nil || !lasts {
		r.seen[found.what] = observation{time.Now(), first.mark} // asked again later
		return found.String(), err
	}
	return "", fault.New(fault.Rejected, found.hint(), "%s", found)
}
