// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Verdict is what the API server says to a rehearsal.
type Verdict struct {
	// Recreate are the objects that it cannot change in place, but would take anew.
	Recreate []Recreation
	// Refused is why it takes others not at all, and Denied what this user may not do.
	// Each error names step and object.
	Refused, Denied []error
	// Unasked is, by object, why it could not be asked.
	Unasked []error
}

// Judge is the verdict on a single dry run that was answered with err, nil for taken. Its
// error is a server that does not answer.
func Judge(err error) (v Verdict, failure error) {
	if err != nil && !v.take(err, err) {
		return v, err
	}
	return v, nil
}

// take sorts what the API server says about an object; shown is how that may be printed.
// It reports whether it is about the object at all.
func (v *Verdict) take(err, shown error) bool {
	switch {
	case kube.WithoutDryRun(err):
		v.Unasked = append(v.Unasked, shown)
	case kube.LacksRight(err):
		v.Denied = append(v.Denied, err)
	case kube.Refused(err):
		v.Refused = append(v.Refused, shown)
	default:
		return false
	}
	return true
}

// Plan refuses what the API server would refuse halfway. A right that this user lacks is
// only a warning of a check, which an account that only reads may make; a run ends with
// it before anything is written. So this comes before
// other changes of the plan.
func (v Verdict) Plan(p *plan.Plan) error {
	if len(v.Unasked) > 0 {
		p.Warn("what the API server will say to some objects could not be asked beforehand: %v", fault.Join(v.Unasked))
	}
	if len(v.Refused) > 0 {
		return fault.Join(slices.Concat(v.Refused, v.Denied))
	}
	if missing := fault.Join(v.Denied); missing != nil {
		p.Warn("with the rights of this user a run would be refused before it changes anything: %v", missing)
		p.Add(plan.Change{Path: "rights", Verb: plan.Await, Step: plan.Failing(missing)})
	}
	return nil
}
