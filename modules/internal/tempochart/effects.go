// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/scheduling"
)

// Warn checks what the chart renders against the options. Values of the user's
// that win are named in a warning. An option without effect is refused where no
// values of the user's can be why.
func (r Rendered) Warn(p *plan.Plan) error {
	for _, validate := range []func() error{r.validateReceivers, r.validateConfig} {
		if err := validate(); err != nil {
			return err
		}
	}
	won, err := r.contradictions()
	if err != nil {
		return err
	}
	for _, effect := range effects {
		if err := effect.validate(p, r, won[effect.option]); err != nil {
			return err
		}
	}
	r.warnElsewhere(p)
	r.warnProcessors(p)
	r.warnVolumeless(p)
	r.warnGone(p)
	return nil
}

// validate warns about one option that the values at these paths override, or
// that does not show.
func (e effect) validate(p *plan.Plan, made Rendered, paths []string) error {
	config, chart := made.options, made.chart
	if !e.given(config) || len(paths) == 0 && (e.settings != nil && made.config == nil || e.seen(made, config)) {
		return nil
	}
	if len(paths) == 0 {
		paths = e.beside(config.Values)
	}
	switch {
	case len(paths) > 0:
		p.Warn("values.%s overrides what %s says: leave one of the two out", strings.Join(paths, ", values."), e.option)
	case len(config.Values) == 0:
		return fault.New(fault.Unsupported, "use another chart_version, or leave the option out", "chart %s: %s has no effect: nothing of it shows in what the chart renders", chart.ID(), e.option)
	default:
		p.Warn("%s has no effect: other values override it, or chart %s ignores it", e.option, chart.ID())
	}
	return nil
}

// overridden are places in the values that the module's own override.
func overridden() map[string]string {
	return map[string]string{
		"global_overrides.metrics_generator_processors": "tempo.structuredConfig.overrides.metrics_generator_processors",
	}
}

// warnElsewhere tells what overrides options outside their own places, and which
// values they override.
func (r Rendered) warnElsewhere(p *plan.Plan) {
	config := r.options
	if r.config == nil && helm.Lookup(config.Values, "useExternalConfig") == true {
		var lost []string
		for _, effect := range effects {
			if effect.settings != nil && effect.given(config) {
				lost = append(lost, effect.option)
			}
		}
		p.Warn("values.useExternalConfig: Tempo reads a configuration that is not this release's, so that these have no effect: %s", strings.Join(lost, ", "))
	}
	for loser, winner := range overridden() {
		if lookup(config.Values, loser) != nil && lookup(r.values, winner) != nil && lookup(config.Values, winner) == nil {
			p.Warn("values.%s has no effect: metrics_generator.processors overrides it", loser)
		}
	}
	for _, path := range credentialsIn("", config.Values) {
		p.Warn("values.%s overrides the keys in s3, which then no longer reach Tempo: leave it out", path)
	}
}

// awsVariables are the credentials that Tempo's S3 client reads from its
// environment (minio-go pkg/credentials/env_aws.go).
var awsVariables = []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN"}

// credentialsIn are the paths in values at which credentials are set: variables
// of a pod come before those of a Secret in envFrom, and keys in the
// configuration before both in the Tempo of today.
func credentialsIn(path string, value any) (found []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			below := strings.TrimPrefix(path+"."+key, ".")
			if (key == "access_key" || key == "secret_key") && strings.HasSuffix(path, "storage.trace.s3") && v[key] != nil {
				found = append(found, below)
			}
			found = append(found, credentialsIn(below, v[key])...)
		}
	case []any:
		for _, item := range v {
			variable, _ := item.(map[string]any)
			if name, _ := variable["name"].(string); slices.Contains(awsVariables, name) {
				found = append(found, path+": "+name)
			}
		}
	}
	return found
}

// KeepsVolumes reports whether the options ask for volumes.
func (c Config) KeepsVolumes() bool { return c.Persistence != nil || hasKey(c.Values, "persistence") }

// hasKey reports whether a key is anywhere in the values.
func hasKey(values map[string]any, key string) bool {
	for name, value := range values {
		inner, _ := value.(map[string]any)
		if name == key || hasKey(inner, key) {
			return true
		}
	}
	return false
}

// warnVolumeless tells which volumes that values ask for no StatefulSet has: the
// key backendScheduler.persistence is in values.yaml of tempo-distributed
// (2.17.0..3.3.0), and no template of it reads it.
func (r Rendered) warnVolumeless(p *plan.Plan) {
	for _, component := range compat.TempoComponents(r.chart.Version) {
		asked, _ := helm.Lookup(r.options.Values, component, "persistence").(map[string]any)
		if asked["enabled"] != true || asked["inMemory"] == true || r.volumes(component) {
			continue
		}
		p.Warn("values.%s.persistence has no effect: chart %s gives this component no volume as it is set here", component, r.chart.ID())
	}
}

// volumes reports whether a component has volumes of its own.
func (r Rendered) volumes(component string) bool {
	return slices.ContainsFunc(r.podSets, func(p scheduling.PodSet) bool {
		templates, _ := helm.Lookup(p.Content, "spec", "volumeClaimTemplates").([]any)
		return len(templates) > 0 && Key(p.Template.Labels[kube.ComponentLabel]) == component
	})
}
