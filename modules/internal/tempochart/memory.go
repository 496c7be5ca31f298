// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
)

// The variables for Go, as tempo-distributed sets them from 2.12.0 on
// (charts/tempo-distributed/templates/_helpers.tpl, tempo.componentEnv): without
// them the collector lets the heap grow to twice what is in use, and the kernel
// kills the pod.
const (
	memoryLimit = "GOMEMLIMIT"
	gcPercent   = "GOGC"
	percent     = "80"
	// hundredths of the container's limit that Go may use; the rest is for what it
	// does not count.
	hundredths = 85
)

// limitMemory tells Go of the memory limit of each container that has one. A
// variable of the user's stays.
func (c Composer) limitMemory(values map[string]any) {
	if c.has(compat.GoSettings) {
		return
	}
	for _, component := range c.containers() {
		text, _ := helm.Lookup(values, component, "resources", "limits", "memory").(string)
		limit, err := resource.ParseQuantity(text)
		if err != nil || limit.Sign() <= 0 {
			continue
		}
		setVariable(values, component, memoryLimit, fmt.Sprintf("%dMiB", limit.Value()*hundredths/100>>20))
		setVariable(values, component, gcPercent, percent)
		c.dropBallast(values, component)
	}
}

// containers are the keys of what runs Tempo.
func (c Composer) containers() []string {
	if c.Chart.Name == compat.TempoMonolithic {
		return []string{"tempo"}
	}
	return compat.TempoComponents(c.Chart.Version)
}

// setVariable adds an environment variable to a component, unless the values
// have it for this component or for all.
func setVariable(values map[string]any, component, name, value string) {
	for _, place := range [][]string{{component, "extraEnv"}, {"global", "extraEnv"}} {
		if named(helm.Lookup(values, place...), name) {
			return
		}
	}
	listed, _ := helm.Lookup(values, component, "extraEnv").([]any)
	helm.Set(values, append(slices.Clone(listed), map[string]any{"name": name, "value": value}), component, "extraEnv")
}

// named reports whether a list of variables has one of that name.
func named(list any, name string) bool {
	variables, _ := list.([]any)
	return slices.ContainsFunc(variables, func(item any) bool {
		variable, _ := item.(map[string]any)
		return variable["name"] == name
	})
}

// ballastFlag is a gigabyte that charts let Tempo allocate and never use. Go
// counts it as used: below a limit it would collect without end.
const ballastFlag = "mem-ballast-size-mbs"

// dropBallast removes the ballast, unless the user has chosen one.
func (c Composer) dropBallast(values map[string]any, component string) {
	switch {
	case !c.has(compat.Ballast):
	case c.Chart.Name == compat.TempoMonolithic:
		if helm.Lookup(values, component, "memBallastSizeMbs") == nil {
			helm.Set(values, 0, component, "memBallastSizeMbs")
		}
	default:
		listed, _ := helm.Lookup(values, component, "extraArgs").([]any)
		if !slices.ContainsFunc(listed, isBallast) {
			// the last of a flag counts, and the chart's own comes first
			helm.Set(values, append(slices.Clone(listed), "-"+ballastFlag+"=0"), component, "extraArgs")
		}
	}
}

func isBallast(argument any) bool {
	text, _ := argument.(string)
	return strings.HasPrefix(strings.TrimLeft(text, "-"), ballastFlag)
}
