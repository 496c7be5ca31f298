// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"strings"

	"github.com/picluster/tracing/modules/internal/discovery"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// dryRun finds out whether the proposal works, and whether the API server takes it.
func (r reader) dryRun(ctx context.Context, spec Spec, status Status) dryRun {
	run := r.tried(ctx, spec, status)
	if run.refusal != nil || status.Method == methodHelm || status.Proposal.Delete {
		return run
	}
	patch := status.Proposal.patch(status.ResourceVersion)
	run.verdict, run.refusal = inventory.Judge(r.charts.DryRunConfig(ctx, status.Namespace, status.Name, status.Exists, patch))
	return run
}

// tried renders the proposal and asks whether Tempo takes the spans.
func (r reader) tried(ctx context.Context, spec Spec, status Status) dryRun {
	if spec.absent() {
		return r.rendered(ctx, spec, status)
	}
	refusal, unsure := r.receiverDisabled(ctx, status.Proposal.target, status.tempo)
	if refusal != nil {
		return dryRun{done: true, refusal: refusal}
	}
	run := r.rendered(ctx, spec, status)
	run.unsure = unsure
	return run
}

// receiverDisabled says why the Tempo that was found does not take spans by a
// receiver whose port its Service shows, nil when it does. Unsure is why that
// could not be found out.
func (r reader) receiverDisabled(ctx context.Context, t traefikchart.Target, found discovery.Tempo) (refusal, unsure error) {
	if !found.Single || t.Endpoint != "" || t.Endpoints != nil {
		return nil, nil
	}
	receives, configMap, err := found.Receives(ctx, r.cluster, tempo.Endpoint(t.Receiver()))
	if err != nil || receives {
		return nil, err
	}
	return fault.New(fault.NotFound, "name it in receivers of the role tempo, or give it an address in the chart's values, such as tempo.receivers.zipkin.endpoint: 0.0.0.0:9411; or set endpoint",
		"Traefik %s needs Tempo's receiver %s: Tempo's Service shows the port, but tempo.yaml of ConfigMap %s/%s has no receiver there that other pods reach",
		t.Number, t.Receiver(), found.Namespace, configMap), nil
}

// rendered is what Helm makes of the proposal, in a namespace that takes it.
func (r reader) rendered(ctx context.Context, spec Spec, status Status) dryRun {
	if err := r.cluster.Gone(ctx, status.Namespace); err != nil && !spec.absent() {
		return dryRun{done: true, refusal: err}
	}
	status, err := r.withRelease(ctx, status)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	if parent, ok := traefikfind.UmbrellaOf(status.release, status.Workload); ok && !spec.absent() {
		return dryRun{done: true, refusal: status.refuseUmbrella(parent)}
	}
	chart, err := r.chart(ctx, status)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	values, err := status.merged(status.Proposal.Values)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	return r.render(ctx, status, helm.Deployment{Name: status.releaseName(), Chart: chart, Values: values, SkipCRDs: true})
}

func (r reader) render(ctx context.Context, status Status, d helm.Deployment) dryRun {
	namespace := status.releaseNamespace()
	manifest, err := r.releases(namespace).Preview(ctx, status.release, d)
	if err != nil {
		return dryRun{done: true, refusal: brief(err)}
	}
	objects, err := helm.Objects(manifest, namespace)
	if err != nil {
		return dryRun{done: true, refusal: err}
	}
	verdict, err := r.rehearse(ctx, status, d, objects)
	if err != nil {
		return dryRun{done: true, refusal: err}
	}
	for _, object := range objects {
		if w, ok := traefikfind.FromObject(object); ok && w.Name == status.Workload.Name {
			return dryRun{done: true, args: w.Args, env: w.Env, verdict: verdict}
		}
	}
	return dryRun{done: true, refusal: fault.New(fault.Unsupported, "", "chart %s would no longer create the %s", status.Chart, status.Workload)}
}

// rehearse asks the API server what it will say to the objects that this module changes.
func (r reader) rehearse(ctx context.Context, status Status, d helm.Deployment, objects []helm.Object) (verdict inventory.Verdict, err error) {
	if status.Method != methodHelm {
		return verdict, nil
	}
	rehearsal := inventory.Rehearsal{Cluster: r.objects, Release: d.Name, Namespace: status.Namespace, InPlace: true, After: objects}
	if rehearsal.Before, err = helm.Objects(status.release.Manifest, status.Namespace); err != nil {
		return verdict, err
	}
	return rehearsal.Run(ctx)
}

// merged are all values that Helm gets, in the controller's order
// (k3s-io/helm-controller, pkg/controllers/chart/chart.go): the HelmChart's, the
// HelmChartConfig's, and the keys that the HelmChart sets. valuesSecrets are
// left out.
func (s Status) merged(own map[string]any) (map[string]any, error) {
	if s.Method == methodHelm {
		return own, nil
	}
	values, err := helm.Normal(helm.Merge(helm.Merge(s.Lower, own), s.Higher)) // a copy, since Assign changes it
	if err != nil {
		return nil, err
	}
	for _, set := range s.Sets {
		if err := helm.Assign(values, set.key, set.value, set.plain); err != nil {
			return nil, fault.Wrap(fault.Usage, "correct spec.set of the HelmChart", "read HelmChart "+s.Namespace+"/"+s.Name, err)
		}
	}
	return values, nil
}

// schemaFile is the part of Helm's error on values that do not fit the schema
// which names the file of the schema on this host.
var schemaFile = lazyregexp.Regexp{Expr: `\(root\): |\s*- at `}

// brief makes one line of an error of Helm, which lists faults on lines of their
// own.
func brief(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(schemaFile.Get().ReplaceAllString(line, " at ")); line != "" {
			lines = append(lines, line)
		}
	}
	return fault.New(fault.Rejected, "correct Traefik's values, or upgrade its chart; nothing was changed", "%s", strings.Join(lines, " "))
}

// warn says so where the values could not be checked before they are written.
func (d dryRun) warn(p *plan.Plan, status Status) {
	if d.skipped != nil {
		p.Warn("%s: the values could not be rendered beforehand: %v", status, d.skipped)
	}
	if d.unsure != nil {
		p.Warn("%s: it is not known whether Tempo %s/%s takes the spans: %v", status, status.tempo.Namespace, status.tempo.Name, d.unsure)
	}
}

// judge stops a change that rendering has shown not to work.
func (d dryRun) judge(status Status) error {
	if d.refusal != nil {
		return d.refusal
	}
	if d.skipped != nil || !d.done {
		return nil
	}
	if faults := status.Proposal.missing(d.args, d.env); len(faults) > 0 {
		return fault.New(fault.Unsupported, "other values stand in the way, or the chart is not Traefik's own; nothing was changed",
			"chart %s would not bring the settings to Traefik: %s", status.Chart, strings.Join(faults, ", "))
	}
	return nil
}
