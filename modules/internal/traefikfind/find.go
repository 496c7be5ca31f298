// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traefikfind finds the Traefik of a cluster: the HelmChart or Helm release
// that a task refers to, and the workload that runs it.
package traefikfind

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// The methods by which a Traefik is configured; Auto is the one that it is found
// with.
const (
	Auto       = "auto"
	HelmConfig = "helmchartconfig"
	Helm       = "helm"
)

// Wanted says which Traefik is meant; "" and Auto are any.
type Wanted struct{ Method, Name, Namespace string }

// Found is a Traefik whose values can be changed.
type Found struct {
	// Method is HelmConfig or Helm.
	Method, Name, Namespace string
	// Chart is nil for Helm.
	Chart *kube.HelmChart
	// Workload is nil where there is none yet.
	Workload *Workload
}

func (f Found) String() string {
	kind := "Helm release"
	if f.Method == HelmConfig {
		kind = "HelmChart"
	}
	text := fmt.Sprintf("%s %s/%s", kind, f.Namespace, f.Name)
	if f.Workload == nil {
		return text + " without a workload"
	}
	return fmt.Sprintf("%s (%s, %s)", text, f.Workload.Chart, f.Workload.Image)
}

// candidates brings HelmCharts and workloads together: what belongs to the
// release of a HelmChart is changed through its HelmChartConfig. Loose are
// workloads that no Helm release owns.
func candidates(charts []kube.HelmChart, workloads []Workload) (found []Found, loose []Workload) {
	ours := map[string]bool{}
	for i, chart := range charts {
		release := chartRelease(chart)
		at := slices.IndexFunc(workloads, func(w Workload) bool { return w.Release == release })
		if at < 0 && !installs(chart) {
			continue
		}
		ours[release] = true
		one := Found{Method: HelmConfig, Name: chart.Name, Namespace: chart.Namespace, Chart: &charts[i]}
		if at >= 0 {
			one.Workload = &workloads[at]
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
			found = append(found, Found{Method: Helm, Name: name, Namespace: namespace, Workload: &workloads[i]})
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
func fitting(wanted Wanted, found []Found) []Found {
	return slices.DeleteFunc(slices.Clone(found), func(f Found) bool {
		return wanted.Method != Auto && wanted.Method != f.Method ||
			wanted.Name != "" && wanted.Name != f.Name ||
			wanted.Namespace != "" && wanted.Namespace != f.Namespace
	})
}

// settled reports whether no further list can tell more: there is one Traefik
// with a workload, and the task names it, or Deployments and DaemonSets both have
// been listed.
func settled(wanted Wanted, charts []kube.HelmChart, workloads []Workload, list int) (Found, bool) {
	found, _ := candidates(charts, workloads)
	fit := fitting(wanted, found)
	if len(fit) != 1 || fit[0].Workload == nil {
		return Found{}, false
	}
	return fit[0], wanted.Name != "" && wanted.Namespace != "" || list > 0
}

// choose takes the one Found that the arguments fit.
func choose(wanted Wanted, charts []kube.HelmChart, workloads []Workload) (Found, error) {
	found, loose := candidates(charts, workloads)
	fitting := fitting(wanted, found)
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	if len(fitting) > 1 {
		return Found{}, fault.New(fault.Conflict, oneOf(fitting), "find Traefik: there are %d: %s", len(fitting), listed(fitting))
	}
	hint, doing := "install Traefik by Helm or k3s first, or correct method, name and namespace", "find Traefik"+described(wanted)
	if len(found)+len(loose) == 0 {
		return Found{}, fault.Wrap(fault.NotFound, hint, doing, ErrNone)
	}
	return Found{}, fault.New(fault.NotFound, hint, "%s: %s", doing, seen(found, loose))
}

// oneOf says how one of several is named, if it can be.
func oneOf(several []Found) string {
	for _, one := range several[1:] {
		if one.Method != several[0].Method || one.Name != several[0].Name || one.Namespace != several[0].Namespace {
			return "say which one with name and namespace"
		}
	}
	return "they are subcharts of one release: put their settings into its values, which are not changed here, and set traefik_enabled: false"
}

// ErrNone is the error for a cluster without any Traefik, where no other option would help.
const ErrNone = fault.Sentinel("there is no HelmChart of the chart traefik and no Deployment or DaemonSet of that chart")

func described(wanted Wanted) string {
	var parts []string
	for _, part := range []struct{ name, value string }{{"method", wanted.Method}, {"name", wanted.Name}, {"namespace", wanted.Namespace}} {
		if part.value != "" && part.value != Auto {
			parts = append(parts, part.name+" "+part.value)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " with " + strings.Join(parts, ", ")
}

// seen lists what exists although nothing fits.
func seen(found []Found, loose []Workload) string {
	var parts []string
	if len(found) > 0 {
		parts = append(parts, "seen were "+listed(found))
	}
	for _, workload := range loose {
		parts = append(parts, workload.String()+" was not installed by Helm"+workload.manager())
	}
	return strings.Join(parts, "; ")
}

// manager says who manages a workload that no Helm release owns, such as Argo CD,
// which renders charts by itself.
func (w Workload) manager() string {
	if !w.Owner.Foreign() {
		return ""
	}
	return " and belongs to " + w.Owner.Name + ": put Traefik's settings into " + w.Owner.Place
}

func listed(found []Found) string {
	var names []string
	for _, one := range found {
		names = append(names, one.String())
	}
	return strings.Join(names, ", ")
}
