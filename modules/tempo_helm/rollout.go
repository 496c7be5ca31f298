// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"context"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/wait"
)

// What counts as ready.
const (
	readyWorkloads = "workloads"
	readyHTTP      = "http"
	readyAuto      = "auto"
)

// awaitRollout waits for a release that is deployed already; idle says why it
// never will be ready.
func awaitRollout(spec Spec, made []helm.Object, idle []string) do {
	return func(ctx context.Context, w writer) error {
		if len(idle) > 0 {
			return fault.New(fault.Conflict, "set drift: correct, which sets it right, or wait: false where it shall stay so",
				"release %s/%s cannot be ready: %s", spec.Namespace, spec.Release, strings.Join(idle, ", "))
		}
		return awaitReady(ctx, w.clients, spec, made)
	}
}

// awaitReady waits until the release's workloads are ready: those of objects, or
// all that carry its label.
func awaitReady(ctx context.Context, clients kube.Clients, spec Spec, objects []helm.Object) error {
	rollout := rollout{clients, spec, clients.Rollout()}
	_, err := wait.Within(ctx, "release "+spec.Release, spec.WaitTimeout, pace, func(ctx context.Context) (bool, string, error) {
		return rollout.look(ctx, objects)
	})
	return err
}

// rollout looks how far the workloads of a release are.
type rollout struct {
	clients kube.Clients
	spec    Spec
	seen    *kube.Rollout
}

func (r rollout) look(ctx context.Context, objects []helm.Object) (done bool, state string, err error) {
	all, err := r.clients.Workloads(ctx, r.spec.Namespace, kube.InstanceLabel+"="+r.spec.Release)
	if err != nil {
		return false, "", err
	}
	mine, missing := among(all, objects)
	if missing != "" {
		return false, missing + " is not there", nil
	}
	for _, workload := range mine {
		if err := r.clients.Unblock(ctx, r.spec.Namespace, workload); err != nil {
			return false, "", err
		}
	}
	done, state, err = r.seen.Look(ctx, r.spec.Namespace, mine)
	if !done || err != nil || r.spec.ReadyCheck == readyWorkloads {
		return done, state, err
	}
	if state, err := r.leaving(ctx, all); state != "" || err != nil {
		return false, state, err
	}
	return r.answers(ctx, mine)
}

// leaving names a pod that the release no longer wants and that is still there. A
// querier that ends slowly stays with the query frontend, which then rightly says
// that it is ready, and no longer is when the querier has ended.
func (r rollout) leaving(ctx context.Context, workloads []kube.Workload) (state string, err error) {
	pod, err := r.clients.Leaving(ctx, r.spec.Namespace, kube.InstanceLabel+"="+r.spec.Release, workloads)
	if pod == "" || err != nil {
		return "", err
	}
	return "pod " + pod + ", which the release no longer wants, has not ended yet", nil
}

// among returns the workloads that objects name, or all where objects is nil, and
// the path of one that is not there.
func among(all []kube.Workload, objects []helm.Object) (mine []kube.Workload, missing string) {
	if objects == nil {
		return all, ""
	}
	for _, object := range objects {
		if object.Kind != "Deployment" && object.Kind != "StatefulSet" {
			continue
		}
		at := slices.IndexFunc(all, func(w kube.Workload) bool { return w.Path() == object.Path() })
		if at < 0 {
			return nil, object.Path()
		}
		mine = append(mine, all[at])
	}
	return mine, ""
}

// pace is how often workloads are looked at: pods that have their image are
// ready in a second, others take minutes.
var pace = wait.Pace{First: 250 * time.Millisecond, Longest: 2 * time.Second}

// metricsPorts are the names of the port on which Tempo's pods answer /ready, in
// both charts (templates/*/deployment*.yaml, templates/statefulset.yaml).
var metricsPorts = map[string]bool{"http-metrics": true, "prom-metrics": true, "tempo-prom-metrics": true}

// answers asks each pod of Tempo whether it is ready, since some components have
// no readiness probe in older charts (charts/tempo-distributed@0.27.9: querier,
// query-frontend, compactor), so that Kubernetes takes them for ready at once.
func (r rollout) answers(ctx context.Context, workloads []kube.Workload) (done bool, state string, err error) {
	for _, workload := range workloads {
		port := metricsPort(workload.Template)
		if port == 0 {
			continue
		}
		unready, err := r.clients.Unready(ctx, r.spec.Namespace, workload, port, "ready")
		if err == nil && unready == "" {
			continue
		}
		return r.judge(ctx, unready, err)
	}
	wait.Report(ctx, "release %s: every pod of Tempo answers /ready", r.spec.Release)
	return true, "", nil
}

// judge decides what it means that a pod is not ready, or that it could not be
// asked.
func (r rollout) judge(ctx context.Context, unready string, err error) (done bool, state string, _ error) {
	kind := fault.Internal
	if err != nil {
		kind = fault.KindOf(err)
	}
	switch {
	case r.spec.ReadyCheck == readyAuto && (kind == fault.Denied || kind == fault.Unreachable):
		wait.Report(ctx, "%v: relying on what Kubernetes says of the workloads", err)
		return true, "", nil
	case kind == fault.Unreachable:
		return false, err.Error(), nil
	}
	return false, unready, err
}

// metricsPort is the port for /ready, 0 for pods that are not Tempo's: the
// exporter of memcached has one of the same name.
func metricsPort(pod core.PodTemplateSpec) int32 {
	if pod.Labels[kube.ComponentLabel] == tempochart.Memcached {
		return 0
	}
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if metricsPorts[port.Name] {
				return port.ContainerPort
			}
		}
	}
	return 0
}
