// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// candidate is a Traefik that this module could change.
type candidate struct {
	method, name, namespace string
	chart                   *kube.HelmChart
	workload                *Workload
}

func (c candidate) String() string {
	kind := "Helm release"
	if c.method == methodConfig {
		kind = "HelmChart"
	}
	text := fmt.Sprintf("%s %s/%s", kind, c.namespace, c.name)
	if c.workload == nil {
		return text + " without a workload"
	}
	return fmt.Sprintf("%s (%s, %s)", text, c.workload.Chart, c.workload.Image)
}

// candidates brings HelmCharts and workloads together: what belongs to the
// release of a HelmChart is changed through its HelmChartConfig. Loose are
// workloads that no Helm release owns.
func candidates(charts []kube.HelmChart, workloads []Workload) (found []candidate, loose []Workload) {
	ours := map[string]bool{}
	for i, chart := range charts {
		release := chartRelease(chart)
		at := slices.IndexFunc(workloads, func(w Workload) bool { return w.Release == release })
		if at < 0 && !installs(chart) {
			continue
		}
		ours[release] = true
		one := candidate{method: methodConfig, name: chart.Name, namespace: chart.Namespace, chart: &charts[i]}
		if at >= 0 {
			one.workload = &workloads[at]
		}
		found = append(found, one)
	}
	for i, workload := range workloads {
		switch {
		case ours[workload.Release]:
		case workload.Release == "":
			loose = append(loose, workload)
		default:
			namespace, name, _ := strings.Cut(workload.Release, "/")
			found = append(found, candidate{method: methodHelm, name: name, namespace: namespace, workload: &workloads[i]})
		}
	}
	return found, loose
}

// installs reports whether a HelmChart names the chart traefik, by the URL of
// its archive or by its name in a repository or registry.
func installs(chart kube.HelmChart) bool {
	source := chart.Spec.Chart
	return chartIn(source) != "" || source == "traefik" || strings.HasSuffix(source, "/traefik")
}

// chartRelease is the Helm release that the controller makes of a HelmChart, as
// NAMESPACE/NAME.
func chartRelease(chart kube.HelmChart) string {
	return cmp.Or(chart.Spec.TargetNamespace, chart.Namespace) + "/" + chart.Name
}

// fitting are the candidates that the arguments allow.
func fitting(spec Spec, found []candidate) []candidate {
	return slices.DeleteFunc(slices.Clone(found), func(c candidate) bool {
		return spec.Method != "auto" && spec.Method != c.method ||
			spec.Name != "" && spec.Name != c.name ||
			spec.Namespace != "" && spec.Namespace != c.namespace
	})
}

// settled reports whether no further list can tell more: there is one Traefik
// with a workload, and the task names it, or Deployments and DaemonSets both have
// been listed.
func settled(spec Spec, charts []kube.HelmChart, workloads []Workload, list int) (candidate, bool) {
	found, _ := candidates(charts, workloads)
	fit := fitting(spec, found)
	if len(fit) != 1 || fit[0].workload == nil {
		return candidate{}, false
	}
	return fit[0], spec.Name != "" && spec.Namespace != "" || list > 0
}

// choose takes the one candidate that the arguments fit.
func choose(spec Spec, charts []kube.HelmChart, workloads []Workload) (candidate, error) {
	found, loose := candidates(charts, workloads)
	fitting := fitting(spec, found)
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	if len(fitting) > 1 {
		return candidate{}, fault.New(fault.Conflict, "say which one with name and namespace", "find Traefik: there are %d: %s", len(fitting), listed(fitting))
	}
	hint, doing := "install Traefik by Helm or k3s first, or correct method, name and namespace", "find Traefik"+described(spec)
	if len(found)+len(loose) == 0 {
		return candidate{}, fault.As(fault.NotFound, hint, doing, errNoTraefik)
	}
	return candidate{}, fault.New(fault.NotFound, hint, "%s: %s", doing, seen(found, loose))
}

// errNoTraefik is that of a cluster without any, where no other option would help.
var errNoTraefik = errors.New("there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart")

func described(spec Spec) string {
	var parts []string
	for _, part := range []struct{ name, value string }{{"method", spec.Method}, {"name", spec.Name}, {"namespace", spec.Namespace}} {
		if part.value != "" && part.value != "auto" {
			parts = append(parts, part.name+" "+part.value)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " with " + strings.Join(parts, ", ")
}

// seen lists what is there although nothing fits.
func seen(found []candidate, loose []Workload) string {
	var parts []string
	if len(found) > 0 {
		parts = append(parts, "seen were "+listed(found))
	}
	for _, workload := range loose {
		parts = append(parts, workload.String()+" was not installed by Helm"+workload.keeper())
	}
	return strings.Join(parts, "; ")
}

// keeper says who keeps a workload that no Helm release owns, such as Argo CD,
// which renders charts by itself.
func (w Workload) keeper() string {
	if !w.Owner.Foreign() {
		return ""
	}
	return " and belongs to " + w.Owner.Name + ": put Traefik's settings into " + w.Owner.Place
}

func listed(found []candidate) string {
	var names []string
	for _, one := range found {
		names = append(names, one.String())
	}
	return strings.Join(names, ", ")
}

// find looks until it has found the one Traefik that the task means, and its
// workload. A task that gives name and namespace does not have to know of any other.
func (c *client) find(ctx context.Context, spec Spec) (candidate, error) {
	charts, err := c.helmCharts(ctx, spec)
	if err != nil {
		return candidate{}, err
	}
	var workloads []Workload
	for i, way := range lists {
		more, err := way.list(c, ctx, way.selector)
		if err != nil {
			return candidate{}, err
		}
		workloads = joined(workloads, more, charts)
		if one, found := settled(spec, charts, workloads, i); found {
			return one, nil
		}
	}
	return choose(spec, charts, workloads)
}

func (c *client) helmCharts(ctx context.Context, spec Spec) ([]kube.HelmChart, error) {
	if spec.Method == methodHelm {
		return nil, nil
	}
	return c.charts.List(ctx)
}
