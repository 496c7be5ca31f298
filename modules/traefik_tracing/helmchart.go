// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"context"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/ownership"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// readConfig reads what a HelmChart is configured with.
func (r reader) readConfig(ctx context.Context, status Status, chart *kube.HelmChart) (Status, error) {
	if status.Workload.Name == "" {
		return status, r.uninstalled(ctx, status)
	}
	status.Chart = traefikfind.ChartVersion(chart, status.Workload)
	status.Sets, status.source = setsOf(chart), chart
	lower, err := overlay.Parse(chart.Spec.ValuesContent)
	if err != nil {
		return status, fault.Wrap(fault.Usage, "repair it first", "read valuesContent of HelmChart "+status.Namespace+"/"+status.Name, err)
	}
	status.Lower = helm.Merge(lower, chart.Spec.Values)
	config, err := r.charts.Config(ctx, status.Namespace, status.Name)
	if err != nil || config == nil {
		return status, err
	}
	status.Exists, status.ResourceVersion = true, config.ResourceVersion
	status.Text, status.Higher, status.FailurePolicy = config.Spec.ValuesContent, config.Spec.Values, config.Spec.FailurePolicy
	status.Record = ownership.Parse(config.Annotations[recordName])
	status.Owner, err = r.owner(ctx, config)
	return status, err
}

// readUmbrella replaces the values of a HelmChart by those that its chart passes on to
// Traefik's, where that is a subchart; what was set at the wrong place can be removed.
func (r reader) readUmbrella(ctx context.Context, spec Spec, status Status) (Status, error) {
	if status.source == nil || !traefikfind.Brings(status.source, status.Workload) || spec.absent() && status.Record != nil {
		return status, nil
	}
	known, err := r.withRelease(ctx, status)
	if err != nil {
		return status, nil // an upgrade is under way, or failed: the dry run tells
	}
	if parent, ok := traefikfind.UmbrellaOf(known.release, status.Workload); ok {
		return status.under(parent, known.release)
	}
	if traefikfind.Strange(known.release, status.Workload) {
		return status, status.strange(known.release.Chart)
	}
	return status, nil
}

// strange is the error for a chart that runs a Traefik of its own.
func (s Status) strange(chart helm.Chart) error {
	return fault.New(fault.Unsupported, "name the Traefik that is meant with method, name and namespace; this one can be traced only by what its chart has for it",
		"%s is of chart %s, which is not Traefik's: where its values have Traefik's settings is not known", s, chart.ID())
}

// uninstalled is the error for a HelmChart without a workload, with what its job
// says.
func (r reader) uninstalled(ctx context.Context, status Status) error {
	why := ""
	if job, err := helmjob.Read(ctx, r.cluster, status.Namespace, status.Name); err == nil && job.Reason != "" {
		why = ": the job " + job.Name + " failed: " + job.Reason
	}
	return fault.New(fault.NotFound, "look at the job helm-install-"+status.Name+" in that namespace: Traefik is not installed yet",
		"HelmChart %s/%s has no Deployment or DaemonSet%s", status.Namespace, status.Name, why)
}

// owner is what puts a HelmChartConfig back: the manifest file behind k3s'
// AddOn, which leaves its name in annotations, or a GitOps tool.
func (r reader) owner(ctx context.Context, config *kube.HelmChartConfig) (kube.Owner, error) {
	owner := kube.OwnerOf(config)
	if !owner.Foreign() || config.Annotations[ownerKind] != addon {
		return owner, nil
	}
	file, err := r.charts.AddonSource(ctx, config.Annotations[ownerName])
	if apierrors.IsForbidden(err) {
		return owner, nil // the AddOn's own name is enough
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

// setsOf lists the keys that a HelmChart sets: numbers, booleans and null as
// they are, anything else as text (k3s-io/helm-controller,
// pkg/controllers/chart/chart.go, typedVal).
func setsOf(chart *kube.HelmChart) []set {
	var sets []set
	for key, value := range chart.Spec.Set {
		text := value.String()
		word := strings.ToLower(text)
		sets = append(sets, set{key, text, value.Type == intstr.Int || word == "true" || word == "false" || word == "null"})
	}
	slices.SortFunc(sets, func(a, b set) int { return cmp.Compare(a.key, b.key) })
	return sets
}
