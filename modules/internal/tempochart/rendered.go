// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"

	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// Rendered is what a chart made of the values, as far as options show in it.
type Rendered struct {
	options Config
	chart   helm.Chart
	values  map[string]any
	// config is Tempo's configuration, or nil where the manifest has none.
	config map[string]any
	// podSets are the workloads that run Tempo.
	podSets []scheduling.PodSet
}

// configEntry is the entry of a ConfigMap or Secret with the configuration.
const configEntry = "tempo.yaml"

// Read reads the objects to which the values render. It refuses a configuration
// that Tempo would: one that names a key twice, as two settings of the values can.
func Read(options Config, chart helm.Chart, values map[string]any, objects []helm.Object) (Rendered, error) {
	found := Rendered{options: options, chart: chart, values: values}
	for _, object := range objects {
		text := configText(object)
		if err := yaml.UnmarshalStrict([]byte(text), &found.config); err != nil {
			return found, fault.New(fault.Unsupported, "look for what sets it a second time in values",
				"chart %s: Tempo does not start with the configuration that it renders: %s", found.chart.ID(), parseProblem(err))
		}
	}
	runs := compat.TempoComponents(found.chart.Version)
	for _, set := range scheduling.PodSets(objects) {
		part := Key(set.Template.Labels[kube.ComponentLabel])
		if found.chart.Name == compat.TempoMonolithic || slices.Contains(runs, part) {
			found.podSets = append(found.podSets, set)
		}
	}
	return found, nil
}

// duplicateKey is what the parser says of a duplicate key.
var duplicateKey = lazyregexp.Regexp{Expr: `key "[^"]+" already set`}

// parseProblem names what is wrong with a configuration without quoting it, since it may
// hold secrets.
func parseProblem(err error) string {
	if found := duplicateKey.Get().FindString(err.Error()); found != "" {
		return found
	}
	return "it is not YAML"
}

// configText is the configuration that an object holds, or "".
func configText(object helm.Object) string {
	if text, ok := helm.Lookup(object.Content, "stringData", configEntry).(string); ok {
		return text
	}
	text, _ := helm.Lookup(object.Content, "data", configEntry).(string)
	if object.Kind != "Secret" {
		return text
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(plain)
}

// Runs are the configuration, nil where the manifest has none, and the pods that
// run with it.
func (r Rendered) Runs() (config map[string]any, pods []core.PodTemplateSpec) {
	if r.config == nil {
		return nil, nil
	}
	for _, set := range r.podSets {
		pods = append(pods, set.Template)
	}
	return r.config, pods
}

// at is what the configuration says at a dotted path, or nil.
func (r Rendered) at(path string) any { return lookup(r.config, path) }

// hasValue reports whether the configuration has this value at one of the paths.
func (r Rendered) hasValue(value any, paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return same(r.at(path), value) })
}

// defines reports whether the configuration has a key, be it without a value.
func (r Rendered) defines(path ...string) bool {
	above, _ := helm.Lookup(r.config, path[:len(path)-1]...).(map[string]any)
	_, ok := above[path[len(path)-1]]
	return ok
}

// everyPod reports whether all pods of Tempo have it, of which there are some.
func (r Rendered) everyPod(has func(core.PodSpec, string) bool) bool {
	return len(r.podSets) > 0 && !slices.ContainsFunc(r.podSets, func(p scheduling.PodSet) bool {
		return !has(p.Template.Spec, Key(p.Template.Labels[kube.ComponentLabel]))
	})
}

// pods is how many of a component there are.
func (r Rendered) pods(component string) (count int64) {
	for _, set := range r.podSets {
		if Key(set.Template.Labels[kube.ComponentLabel]) == component {
			count += set.Pods
		}
	}
	return count
}

// Key turns the name of a component in labels, such as query-frontend, into its
// key in values.
func Key(name string) string {
	var key strings.Builder
	up := false
	for _, letter := range name {
		if letter == '-' {
			up = true
			continue
		}
		if up {
			letter, up = unicode.ToUpper(letter), false
		}
		key.WriteRune(letter)
	}
	return key.String()
}

// same compares two values as JSON has them, in which a number has no type.
func same(a, b any) bool {
	var plain [2]any
	for i, value := range []any{a, b} {
		text, err := json.Marshal(value)
		if err != nil || json.Unmarshal(text, &plain[i]) != nil {
			return false
		}
	}
	return reflect.DeepEqual(plain[0], plain[1])
}
