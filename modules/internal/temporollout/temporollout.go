// SPDX-License-Identifier: AGPL-3.0-or-later

// Package temporollout waits until the pods of a Tempo release are rolled out and
// report that they are ready, and names those that were killed for lack of memory.
package temporollout

import (
	"context"
	"slices"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/wait"
)

// Check is what counts as ready.
type Check = string

// The checks.
const (
	// Workloads is what Kubernetes says of Deployments and StatefulSets.
	Workloads Check = "workloads"
	// HTTP also asks each pod of Tempo for /ready, and waits until those have ended
	// that the release no longer wants.
	HTTP Check = "http"
	// Auto is HTTP where the API server's proxy may be used and reaches the pods.
	Auto Check = "auto"
)

// Release is what is waited for.
type Release struct {
	Namespace, Name string
	Check           Check
	// Timeout bounds the wait.
	Timeout time.Duration
}

// Await waits until the release's workloads are ready: those of objects, or all
// that carry its label.
func (r Release) Await(ctx context.Context, clients kube.Clients, objects []helm.Object) error {
	cluster := rollout.In(clients)
	look := look{cluster, r, cluster.Watch()}
	_, err := wait.Within(ctx, "release "+r.Name, r.Timeout, Backoff, func(ctx context.Context) (bool, string, error) {
		return look.once(ctx, objects)
	})
	return err
}

// look checks how far the workloads of a release are.
type look struct {
	cluster rollout.Cluster
	release Release
	watcher *rollout.Watcher
}

func (l look) once(ctx context.Context, objects []helm.Object) (done bool, state string, err error) {
	all, err := l.cluster.Workloads(ctx, l.release.Namespace, kube.InstanceLabel+"="+l.release.Name)
	if err != nil {
		return false, "", err
	}
	mine, missing := among(all, objects)
	if missing != "" {
		return false, missing + " does not exist", nil
	}
	for _, workload := range mine {
		if err := l.cluster.DeleteBlockingPods(ctx, l.release.Namespace, workload); err != nil {
			return false, "", err
		}
	}
	done, state, err = l.watcher.Look(ctx, l.release.Namespace, mine)
	if !done || err != nil || l.release.Check == Workloads {
		return done, state, err
	}
	if state, err := l.leaving(ctx, all); state != "" || err != nil {
		return false, state, err
	}
	return l.answers(ctx, mine)
}

// leaving names a pod that the release no longer wants and that still exists. A
// querier that ends slowly stays with the query frontend, which then rightly says
// that it is ready, and no longer when the querier has ended.
func (l look) leaving(ctx context.Context, workloads []rollout.Workload) (state string, err error) {
	pod, err := l.cluster.LeavingPod(ctx, l.release.Namespace, kube.InstanceLabel+"="+l.release.Name, workloads)
	if pod == "" || err != nil {
		return "", err
	}
	return "pod " + pod + ", which the release no longer wants, has not ended yet", nil
}

// among returns the workloads that objects name, or all where objects is nil, and
// the path of a missing one.
func among(all []rollout.Workload, objects []helm.Object) (mine []rollout.Workload, missing string) {
	if objects == nil {
		return all, ""
	}
	for _, object := range objects {
		if object.Kind != "Deployment" && object.Kind != "StatefulSet" {
			continue
		}
		at := slices.IndexFunc(all, func(w rollout.Workload) bool { return w.Path() == object.Path() })
		if at < 0 {
			return nil, object.Path()
		}
		mine = append(mine, all[at])
	}
	return mine, ""
}

// Backoff is how often pods of Tempo are checked: those that have their image are
// ready in a second, others take minutes. Storing what a pod holds is the same.
var Backoff = wait.Backoff{Initial: 250 * time.Millisecond, Max: 2 * time.Second}

// servesMetrics reports whether the port of that name is the one on which Tempo's
// pods answer /ready, in either chart (templates/*/deployment*.yaml, templates/statefulset.yaml).
func servesMetrics(name string) bool {
	switch name {
	case "http-metrics", "prom-metrics", "tempo-prom-metrics":
		return true
	}
	return false
}

// answers asks each pod of Tempo whether it is ready, since some components have
// no readiness probe in older charts (charts/tempo-distributed@0.27.9: querier,
// query-frontend, compactor), so that Kubernetes takes them for ready at once.
func (l look) answers(ctx context.Context, workloads []rollout.Workload) (done bool, state string, err error) {
	for _, workload := range workloads {
		port := MetricsPort(workload.Template)
		if port == 0 {
			continue
		}
		unready, err := l.cluster.UnreadyPod(ctx, l.release.Namespace, workload, port, "ready")
		if err == nil && unready == "" {
			continue
		}
		return l.judge(ctx, unready, err)
	}
	wait.Report(ctx, "release %s: every pod of Tempo answers /ready", l.release.Name)
	return true, "", nil
}

// judge decides what it means that a pod is not ready, or that it could not be
// asked.
func (l look) judge(ctx context.Context, unready string, err error) (done bool, state string, _ error) {
	kind := fault.Internal
	if err != nil {
		kind = fault.KindOf(err)
	}
	switch {
	case l.release.Check == Auto && (kind == fault.Denied || kind == fault.Unreachable):
		wait.Report(ctx, "%v: relying on what Kubernetes says of the workloads", err)
		return true, "", nil
	case kind == fault.Unreachable:
		return false, err.Error(), nil
	}
	return false, unready, err
}

// MetricsPort is the port for /ready, 0 for pods that are not Tempo's: the
// exporter of memcached has one of the same name.
func MetricsPort(pod core.PodTemplateSpec) int32 {
	if pod.Labels[kube.ComponentLabel] == tempochart.Memcached {
		return 0
	}
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if servesMetrics(port.Name) {
				return port.ContainerPort
			}
		}
	}
	return 0
}
