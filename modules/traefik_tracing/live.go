// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	batch "k8s.io/client-go/kubernetes/typed/batch/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Observe finds the Traefik and reads its values, its workload and, unless the
// task says where spans go, the Services of Tempo.
func (m *Module) Observe(ctx context.Context, args Args) (State, error) {
	if err := m.connect(args); err != nil {
		return State{}, err
	}
	one, err := m.find(ctx, args)
	if err != nil {
		return State{}, err
	}
	found, err := m.read(ctx, one)
	found.learn(ctx)
	if err != nil {
		return State{}, err
	}
	m.field = traceIDField(args, found)
	found.Force = args.Force
	if !args.absent() && args.Endpoint == "" && args.Endpoints == nil {
		if found.tempo, err = m.tempo(ctx, args); err != nil {
			return State{}, err
		}
	}
	found.last = m.outcome(ctx, args, found)
	if found.preview = m.rehearse(ctx, args, found); found.preview.done && args.Method == methodHelm && !found.Owner.Foreign() {
		found.Owner, err = m.clients.ReleaseOwner(ctx, found.Namespace, found.Name)
	}
	return State{Found: found}, err
}

// learn hides the secrets among the values, which the chart may quote.
func (f Found) learn(ctx context.Context) {
	for _, values := range []any{f.Text, f.Lower, f.Higher, f.Workload.Args} {
		secret.Learn(ctx, secret.Within(values)...)
	}
	for _, set := range f.Sets {
		secret.Learn(ctx, secret.Within(map[string]any{set.key: set.value})...)
	}
}

func (m *Module) connect(args Args) (err error) {
	if m.clients.Config != nil {
		return nil
	}
	if m.clients, err = args.Clients(); err != nil {
		return err
	}
	if m.jobs, err = batch.NewForConfig(m.clients.Config); err != nil {
		return fault.Doing("prepare the connection to the Kubernetes API", err)
	}
	m.charts, err = m.clients.HelmCharts()
	return fault.Doing("prepare the connection to the Kubernetes API", err)
}

// find looks until it has found the one Traefik that the task means, and its
// workload. A task that gives name and namespace needs not know of any other.
func (m *Module) find(ctx context.Context, args Args) (candidate, error) {
	charts, err := m.helmCharts(ctx, args)
	if err != nil {
		return candidate{}, err
	}
	var workloads []Workload
	for i, way := range lists {
		more, err := way.list(m, ctx, way.selector)
		if err != nil {
			return candidate{}, err
		}
		workloads = joined(workloads, more, charts)
		if one, found := settled(args, charts, workloads, i); found {
			return one, nil
		}
	}
	return choose(args, charts, workloads)
}

func (m *Module) helmCharts(ctx context.Context, args Args) ([]kube.HelmChart, error) {
	if args.Method == methodHelm {
		return nil, nil
	}
	return m.charts.List(ctx)
}

func (m *Module) read(ctx context.Context, one candidate) (Found, error) {
	found := Found{Method: one.method, Name: one.name, Namespace: one.namespace}
	if one.workload != nil {
		found.Workload = *one.workload
	}
	if one.method == methodHelm {
		return m.readRelease(ctx, found)
	}
	return m.readConfig(ctx, found, one.chart)
}

// readConfig reads what a HelmChart is configured with.
func (m *Module) readConfig(ctx context.Context, found Found, chart *kube.HelmChart) (Found, error) {
	if found.Workload.Name == "" {
		return found, m.uninstalled(ctx, found)
	}
	found.Chart = chartVersion(chart, found.Workload)
	found.Sets, found.source = setsOf(chart), chart
	lower, err := overlay.Parse(chart.Spec.ValuesContent)
	if err != nil {
		return found, fault.As(fault.Usage, "repair it first", "read valuesContent of HelmChart "+found.Namespace+"/"+found.Name, err)
	}
	found.Lower = helm.Merge(lower, chart.Spec.Values)
	config, err := m.charts.Config(ctx, found.Namespace, found.Name)
	if err != nil || config == nil {
		return found, err
	}
	found.Exists, found.ResourceVersion = true, config.ResourceVersion
	found.Text, found.Higher, found.FailurePolicy = config.Spec.ValuesContent, config.Spec.Values, config.Spec.FailurePolicy
	found.Record = readRecord(config.Annotations[recordName])
	found.Owner, err = m.owner(ctx, config)
	return found, err
}

// uninstalled is the error for a HelmChart without a workload, with what its job
// says.
func (m *Module) uninstalled(ctx context.Context, found Found) error {
	why := ""
	if job, err := m.job(ctx, found); err == nil && job.failed != "" {
		why = ": the job " + job.name + " failed: " + job.failed
	}
	return fault.New(fault.NotFound, "look at the job helm-install-"+found.Name+" in that namespace: Traefik is not installed yet",
		"HelmChart %s/%s has no Deployment or DaemonSet%s", found.Namespace, found.Name, why)
}

// chartVersion is what the HelmChart names; the workload's label tells it where
// the chart comes without version: inline, or the newest of a repository.
func chartVersion(chart *kube.HelmChart, w Workload) string {
	for _, version := range []string{chartIn(chart.Spec.Chart), chartIn(chart.Annotations[chartURL])} {
		if version != "" {
			return version
		}
	}
	if chart.Spec.ChartContent == "" && chart.Spec.Version != "" {
		return chart.Spec.Version
	}
	return labelVersion(w.Chart)
}

// chartURL is where the source of an inline chart stands (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, AnnotationChartURL).
const chartURL = "helm.cattle.io/chart-url"

// owner is what puts a HelmChartConfig back: the manifest file behind k3s'
// AddOn, which leaves its name in annotations, or a GitOps tool.
func (m *Module) owner(ctx context.Context, config *kube.HelmChartConfig) (kube.Owner, error) {
	owner := kube.OwnerOf(config)
	if !owner.Foreign() || config.Annotations[ownerKind] != addon {
		return owner, nil
	}
	file, err := m.charts.AddonSource(ctx, config.Annotations[ownerName])
	if apierrors.IsForbidden(err) {
		return owner, nil // the AddOn's own name tells enough
	}
	if err != nil || file == "" {
		return owner, err
	}
	return kube.Owner{Name: "the manifest file " + file + ", which k3s deploys", Place: "that file"}, nil
}

// What k3s' deploy controller writes on the objects of a manifest file
// (rancher/wrangler, pkg/apply/desiredset_apply.go).
const (
	ownerKind = "objectset.rio.cattle.io/owner-gvk"
	ownerName = "objectset.rio.cattle.io/owner-name"
	addon     = "k3s.cattle.io/v1, Kind=Addon"
)
