// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"slices"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/wait"
)

// What counts as ready.
const (
	readyWorkloads = "workloads"
	readyHTTP      = "http"
	readyAuto      = "auto"
)

// ready waits until the release's workloads are ready: those of objects, or all
// that carry its label.
func (m *Module) ready(ctx context.Context, args Args, objects []helm.Object) error {
	looking := m.clients.Rollout()
	_, err := wait.Within(ctx, "release "+args.Release, args.WaitTimeout, rollout, func(ctx context.Context) (bool, string, error) {
		all, err := m.clients.Workloads(ctx, args.Namespace, kube.InstanceLabel+"="+args.Release)
		if err != nil {
			return false, "", err
		}
		mine, missing := among(all, objects)
		if missing != "" {
			return false, missing + " is not there", nil
		}
		for _, workload := range mine {
			if err := m.clients.Unblock(ctx, args.Namespace, workload); err != nil {
				return false, "", err
			}
		}
		done, state, err := looking.Look(ctx, args.Namespace, mine)
		if !done || err != nil || args.ReadyCheck == readyWorkloads {
			return done, state, err
		}
		return m.answers(ctx, args, mine)
	})
	return err
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

// rollout is how often workloads are looked at: pods that have their image are
// ready in a second, others take minutes.
var rollout = wait.Pace{First: 250 * time.Millisecond, Longest: 2 * time.Second}

// metricsPorts are the names of the port on which Tempo's pods answer /ready, in
// both charts (templates/*/deployment*.yaml, templates/statefulset.yaml).
var metricsPorts = map[string]bool{"http-metrics": true, "prom-metrics": true, "tempo-prom-metrics": true}

// answers asks each pod of Tempo whether it is ready, since some components have
// no readiness probe in older charts (charts/tempo-distributed@0.27.9: querier,
// query-frontend, compactor), so that Kubernetes takes them for ready at once.
func (m *Module) answers(ctx context.Context, args Args, workloads []kube.Workload) (done bool, state string, err error) {
	for _, workload := range workloads {
		port := metricsPort(workload.Template)
		if port == 0 {
			continue
		}
		unready, err := m.clients.Unready(ctx, args.Namespace, workload, port, "ready")
		if err == nil && unready == "" {
			continue
		}
		return args.judged(ctx, unready, err)
	}
	wait.Report(ctx, "release %s: every pod of Tempo answers /ready", args.Release)
	return true, "", nil
}

// judged decides what it means that a pod is not ready, or that it could not be
// asked.
func (a Args) judged(ctx context.Context, unready string, err error) (done bool, state string, _ error) {
	kind := fault.Internal
	if err != nil {
		kind = fault.KindOf(err)
	}
	switch {
	case a.ReadyCheck == readyAuto && (kind == fault.Denied || kind == fault.Unreachable):
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
	if pod.Labels[kube.ComponentLabel] == memcached {
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
