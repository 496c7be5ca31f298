// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempofields"
)

// validateConfig refuses a configuration with which one of the programs that
// read it would not start: its pods would crash again and again, and those of a
// StatefulSet are gone by then.
func (r Rendered) validateConfig() error {
	if !r.options.VerifyConfig || r.config == nil {
		return nil
	}
	for _, runs := range r.options.programs(r.chart) {
		for _, check := range []func(program) error{r.unknownFields, r.unknownBelow, r.flatOverrides, r.blockFormat} {
			if err := check(runs); err != nil {
				return err
			}
		}
	}
	return nil
}

// unverified ends each hint: what is known of Tempo may be wrong for a build of
// somebody's own.
const unverified = "; verify_config: false leaves the check out"

func (r Rendered) unknownFields(runs program) error {
	unknown := compat.UnknownFields(r.config, runs.version)
	if len(unknown) == 0 {
		return nil
	}
	return fault.New(fault.Unsupported, fieldHint(unknown[0])+unverified,
		"chart %s: %s does not start with the configuration that it renders: field %s not found in type app.Config", r.chart.ID(), runs, strings.Join(unknown, ", "))
}

// unknownBelow looks at what is below the sections.
func (r Rendered) unknownBelow(runs program) error {
	unknown := tempofields.In(r.config, runs.version)
	if len(unknown) == 0 {
		return nil
	}
	var problems []string
	for _, field := range unknown {
		problems = append(problems, fmt.Sprintf("field %s not found in type %s (%s)", field.Path[strings.LastIndexByte(field.Path, '.')+1:], field.Type, field.Path))
	}
	return fault.New(fault.Unsupported, spansHint(unknown[0].Path, unknown[0].Known)+unverified,
		"chart %s: %s does not start with the configuration that it renders: %s", r.chart.ID(), runs, strings.Join(problems, ", "))
}

// spansHint says what to do about a field that only those versions have.
func spansHint(path string, known []compat.Span) string {
	if len(known) == 0 {
		return "look in values for a misspelt " + path
	}
	var words []string
	for _, span := range known {
		words = append(words, spanText(span))
	}
	return "take " + path + " out of values: it is there in " + strings.Join(words, ", and in ") + " only"
}

// fieldHint says which Tempo has a section, if any.
func fieldHint(name string) string {
	span, ok := compat.FieldSpan(name)
	if !ok {
		return spansHint(name, nil)
	}
	return spansHint(name, []compat.Span{span})
}

func (r Rendered) flatOverrides(runs program) error {
	overrides, _ := r.at("overrides").(map[string]any)
	flat := compat.FlatOverrides(overrides, runs.version)
	if len(flat) == 0 {
		return nil
	}
	return fault.New(fault.Unsupported, "write the limits in their scopes below overrides.defaults, such as overrides.defaults.metrics_generator.processors; "+
		"enable_legacy_overrides: true beside them puts that off"+unverified,
		"chart %s: %s does not start with limits in the old form: overrides.%s", r.chart.ID(), runs, strings.Join(flat, ", overrides."))
}

func (r Rendered) blockFormat(runs program) error {
	name, _ := r.at("storage.trace.block.version").(string)
	format, ok := compat.BlockFormatNamed(name)
	if name == "" || compat.Major(runs.version) < 0 || ok && format.Chosen.Holds(runs.version) {
		return nil
	}
	return fault.New(fault.Unsupported, "leave storage.trace.block.version out of values: this Tempo writes "+compat.WrittenBy(runs.version)+" then"+unverified,
		"chart %s: %s does not start with storage.trace.block.version: %s, which it cannot write", r.chart.ID(), runs, name)
}

// warnGone tells which keys in values this chart no longer has, and what replaced
// them.
func (r Rendered) warnGone(p *plan.Plan) {
	for _, gone := range compat.GoneValues(r.chart.Name, r.chart.Version) {
		if helm.Lookup(r.options.Values, gone.Path...) != nil && helm.Lookup(r.chart.Defaults, gone.Path...) == nil {
			p.Warn("values.%s has no effect, chart %s no longer has it: %s", strings.Join(gone.Path, "."), r.chart.ID(), gone.Instead)
		}
	}
}
