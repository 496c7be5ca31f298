// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/wire"
)

// annotated adds what every result carries: diff when asked for, and the warnings
// of the plan before those that the module has from its steps.
func (r *run[Spec, Status]) annotated(result wire.Result) wire.Result {
	if r.request.Diff && len(r.plan.Changed()) > 0 {
		result["diff"] = r.plan.Diff()
	}
	later, _ := result["warnings"].([]string)
	if warnings := slices.Concat(r.plan.Warnings, later); len(warnings) > 0 {
		result["warnings"] = warnings
	}
	return result
}

// failure says in which step it failed and, half way, what was done before.
func (r *run[Spec, Status]) failure(err error) wire.Result {
	result := failure(err, r.step)
	result["changed"] = len(r.done) > 0
	if len(r.done) > 0 {
		result["done"] = r.done
	}
	r.partial(result)
	return r.annotated(result)
}

func failure(err error, step string) wire.Result {
	result := wire.Failure(err.Error())
	result["step"] = step
	result["kind"] = string(fault.KindOf(err))
	if hint := fault.HintOf(err); hint != "" {
		result["hint"] = hint
	}
	return result
}
