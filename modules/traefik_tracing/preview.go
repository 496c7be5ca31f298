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

// preview is what Helm would make of the new values. The zero preview was not
// rendered, since there is nothing to change.
type preview struct {
	done bool
	// refusal is the chart's, the API server's or Tempo's word against the values.
	refusal error
	// skipped says why nothing could be rendered, doubt why it is not known whether
	// Tempo takes the spans.
	skipped, doubt error
	args           []string
	env            map[string]string
}

// rehearse renders the values that Plan is going to ask for, where there are
// any. It writes nothing. What keeps values from being made, Plan tells.
func (m *Module) rehearse(ctx context.Context, args Args, found Found) preview {
	if args.absent() {
		wanted, err := withdraw(found)
		if err != nil || !wanted.differs() {
			return preview{}
		}
		return m.rendered(ctx, args, found, wanted)
	}
	aimed, err := aim(args.want(), found)
	if err != nil {
		return preview{}
	}
	wanted, err := aimed.draft(found)
	if err != nil || !wanted.differs() {
		return preview{}
	}
	refusal, doubt := m.deaf(ctx, aimed, found.tempo)
	if refusal != nil {
		return preview{done: true, refusal: refusal}
	}
	seen := m.rendered(ctx, args, found, wanted)
	seen.doubt = doubt
	return seen
}

// rendered is what Helm makes of a draft, in a namespace that takes it.
func (m *Module) rendered(ctx context.Context, args Args, found Found, wanted draft) preview {
	if err := m.clients.Gone(ctx, found.Namespace); err != nil && !args.absent() {
		return preview{done: true, refusal: err}
	}
	found, err := m.installed(ctx, found)
	if err != nil {
		return preview{done: true, skipped: err}
	}
	chart, err := m.chart(ctx, found)
	if err != nil {
		return preview{done: true, skipped: err}
	}
	values, err := found.effective(wanted.Values)
	if err != nil {
		return preview{done: true, skipped: err}
	}
	return m.render(ctx, args, found, helm.Deployment{Name: found.releaseName(), Chart: chart, Values: values, SkipCRDs: true})
}

func (m *Module) render(ctx context.Context, args Args, found Found, d helm.Deployment) preview {
	client, err := m.helm(args, found.releaseNamespace())
	if err != nil {
		return preview{done: true, skipped: err}
	}
	manifest, err := client.Preview(ctx, found.release, d)
	if err != nil {
		return preview{done: true, refusal: brief(err)}
	}
	objects, err := helm.Objects(manifest, found.releaseNamespace())
	if err != nil {
		return preview{done: true, refusal: err}
	}
	for _, object := range objects {
		if w, is := fromObject(object); is && w.Name == found.Workload.Name {
			return preview{done: true, args: w.Args, env: w.Env}
		}
	}
	return preview{done: true, refusal: fault.New(fault.Unsupported, "", "chart %s would not make the %s any more", found.Chart, found.Workload)}
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

// effective are all values that Helm gets, in the controller's order
// (k3s-io/helm-controller, pkg/controllers/chart/chart.go): the HelmChart's, the
// HelmChartConfig's, and the keys that the HelmChart sets. valuesSecrets are
// left out.
func (f Found) effective(own map[string]any) (map[string]any, error) {
	if f.Method == methodHelm {
		return own, nil
	}
	values, err := helm.Normal(helm.Merge(helm.Merge(f.Lower, own), f.Higher)) // a copy, since Assign changes it
	if err != nil {
		return nil, err
	}
	for _, set := range f.Sets {
		if err := helm.Assign(values, set.key, set.value, set.plain); err != nil {
			return nil, fault.As(fault.Usage, "correct spec.set of the HelmChart", "read HelmChart "+f.Namespace+"/"+f.Name, err)
		}
	}
	return values, nil
}

// verbose is the part of Helm's error on values that do not fit the schema which
// names the file of the schema on this host.
var verbose = regexp.MustCompile(`\(root\): |\s*- at `)

// brief makes one line of an error of Helm, which lists faults on lines of their
// own.
func brief(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(verbose.ReplaceAllString(line, " at ")); line != "" {
			lines = append(lines, line)
		}
	}
	return fault.New(fault.Rejected, "correct Traefik's values, or upgrade its chart; nothing was changed", "%s", strings.Join(lines, " "))
}

// warn tells that the values are not proved before they are written.
func (p preview) warn(steps *plan.Plan, found Found) {
	if p.skipped != nil {
		steps.Warn("%s: the values could not be rendered beforehand: %v", found, p.skipped)
	}
	if p.doubt != nil {
		steps.Warn("%s: it is not known whether Tempo %s/%s takes the spans: %v", found, found.tempo.namespace, found.tempo.name, p.doubt)
	}
}

// verdict stops a change that rendering has shown not to work.
func (p preview) verdict(missing func([]string, map[string]string) []string, found Found) error {
	if p.refusal != nil {
		return p.refusal
	}
	if p.skipped != nil || !p.done {
		return nil
	}
	if faults := missing(p.args, p.env); len(faults) > 0 {
		return fault.New(fault.Unsupported, "other values stand in the way, or the chart is not Traefik's own; nothing was changed",
			"chart %s would not bring the settings to Traefik: %s", found.Chart, strings.Join(faults, ", "))
	}
	return nil
}
