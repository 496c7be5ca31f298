// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"regexp"
	"strings"

	apps "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// renderer makes dry runs of the releases of one namespace.
type renderer interface {
	Preview(ctx context.Context, current helm.Release, d helm.Deployment) (manifest string, err error)
}

// dryRun is what Helm would make of the new values. The zero dryRun was not made,
// since there is nothing to change.
type dryRun struct {
	done bool
	// refusal is the chart's, the API server's or Tempo's word against the values.
	refusal error
	// skipped says why nothing could be rendered, unsure why it is not known whether
	// Tempo takes the spans.
	skipped, unsure error
	args            []string
	env             map[string]string
}

// dryRun renders the proposal and asks whether Tempo takes the spans.
func (c *client) dryRun(ctx context.Context, spec Spec, status Status) dryRun {
	if spec.absent() {
		return c.rendered(ctx, spec, status)
	}
	refusal, unsure := c.receiverDisabled(ctx, status.Proposal.target, status.tempo)
	if refusal != nil {
		return dryRun{done: true, refusal: refusal}
	}
	run := c.rendered(ctx, spec, status)
	run.unsure = unsure
	return run
}

// rendered is what Helm makes of the proposal, in a namespace that takes it.
func (c *client) rendered(ctx context.Context, spec Spec, status Status) dryRun {
	if err := c.cluster.Gone(ctx, status.Namespace); err != nil && !spec.absent() {
		return dryRun{done: true, refusal: err}
	}
	status, err := c.withRelease(ctx, status)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	chart, err := c.chart(ctx, status)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	values, err := status.merged(status.Proposal.Values)
	if err != nil {
		return dryRun{done: true, skipped: err}
	}
	return c.render(ctx, status, helm.Deployment{Name: status.releaseName(), Chart: chart, Values: values, SkipCRDs: true})
}

func (c *client) render(ctx context.Context, status Status, d helm.Deployment) dryRun {
	namespace := status.releaseNamespace()
	manifest, err := c.releases(namespace).Preview(ctx, status.release, d)
	if err != nil {
		return dryRun{done: true, refusal: brief(err)}
	}
	objects, err := helm.Objects(manifest, namespace)
	if err != nil {
		return dryRun{done: true, refusal: err}
	}
	for _, object := range objects {
		if w, is := fromObject(object); is && w.Name == status.Workload.Name {
			return dryRun{done: true, args: w.Args, env: w.Env}
		}
	}
	return dryRun{done: true, refusal: fault.New(fault.Unsupported, "", "chart %s would not make the %s any more", status.Chart, status.Workload)}
}

// fromObject reads a rendered Deployment or DaemonSet.
func fromObject(object helm.Object) (Workload, bool) {
	convert := runtime.DefaultUnstructuredConverter.FromUnstructured
	switch object.Kind {
	case "Deployment":
		var d apps.Deployment
		err := convert(object.Content, &d)
		return fromDeployment(d), err == nil
	case "DaemonSet":
		var d apps.DaemonSet
		err := convert(object.Content, &d)
		return fromDaemonSet(d), err == nil
	}
	return Workload{}, false
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
			return nil, fault.As(fault.Usage, "correct spec.set of the HelmChart", "read HelmChart "+s.Namespace+"/"+s.Name, err)
		}
	}
	return values, nil
}

// schemaFile is the part of Helm's error on values that do not fit the schema
// which names the file of the schema on this host.
var schemaFile = regexp.MustCompile(`\(root\): |\s*- at `)

// brief makes one line of an error of Helm, which lists faults on lines of their
// own.
func brief(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(schemaFile.ReplaceAllString(line, " at ")); line != "" {
			lines = append(lines, line)
		}
	}
	return fault.New(fault.Rejected, "correct Traefik's values, or upgrade its chart; nothing was changed", "%s", strings.Join(lines, " "))
}

// warn tells that the values are not proved before they are written.
func (d dryRun) warn(p *plan.Plan, status Status) {
	if d.skipped != nil {
		p.Warn("%s: the values could not be rendered beforehand: %v", status, d.skipped)
	}
	if d.unsure != nil {
		p.Warn("%s: it is not known whether Tempo %s/%s takes the spans: %v", status, status.tempo.namespace, status.tempo.name, d.unsure)
	}
}

// verdict stops a change that rendering has shown not to work.
func (d dryRun) verdict(status Status) error {
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
