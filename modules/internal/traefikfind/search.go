// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikfind

import (
	"context"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Charts lists the HelmCharts of a cluster.
type Charts interface {
	List(context.Context) ([]kube.HelmChart, error)
}

// Find looks until it has found the one Traefik that is meant, and its workload.
// A task that gives name and namespace does not depend on any other.
func Find(ctx context.Context, cluster kube.Reader, charts Charts, wanted Wanted) (Found, error) {
	all, err := helmCharts(ctx, charts, wanted)
	if err != nil {
		return Found{}, err
	}
	var workloads, like []Workload
	for i, way := range lists {
		more, err := way.list(ctx, cluster, way.selector)
		if err != nil {
			return Found{}, err
		}
		workloads, like = joined(workloads, more, all), alike(like, more)
		if one, found := settled(wanted, all, workloads, i); found {
			return one, nil
		}
	}
	return choose(wanted, all, withAlike(wanted, all, workloads, like))
}

// withAlike adds the workloads that are Traefik's by their arguments alone where no other
// fits: beside a Traefik of its own chart they belong to something else, such as
// dask-gateway.
func withAlike(wanted Wanted, charts []kube.HelmChart, workloads, like []Workload) []Workload {
	found, _ := candidates(charts, workloads)
	if len(fitting(wanted, found)) > 0 {
		return workloads
	}
	for _, w := range like {
		if !among(workloads, w) {
			workloads = append(workloads, w)
		}
	}
	return workloads
}

func helmCharts(ctx context.Context, charts Charts, wanted Wanted) ([]kube.HelmChart, error) {
	if wanted.Method == Helm {
		return nil, nil
	}
	return charts.List(ctx)
}
