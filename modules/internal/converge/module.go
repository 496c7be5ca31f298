// SPDX-License-Identifier: AGPL-3.0-or-later

// Package converge drives a module from its options to its result. Check mode,
// diff, hiding of secrets, proof of the outcome and reports of half-done work
// are written here once for all modules.
package converge

import (
	"context"
	"io"
	"time"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// Module converges one kind of thing. Desired, Observe, Plan and Result never
// write. A module lives for one run, so it may keep clients and what it read.
type Module[Args, State any] interface {
	// Options is the table from which Args is filled by its json tags.
	Options() option.Table
	// Desired is pure: it turns the arguments into the state that is wanted.
	Desired(Args) (State, error)
	// Observe reads the state that is there. Absent is a State, not an error.
	Observe(context.Context, Args) (State, error)
	// Plan is pure: the way from have to want. Its error refuses what cannot
	// work, before anything is written.
	Plan(want, have State) (plan.Plan, error)
	// Apply does one change of the plan; it is the only method that writes.
	Apply(context.Context, Args, plan.Change) error
	// Result is pure: what the task returns beside changed and diff, from the
	// state that is there at the end.
	Result(Args, State) map[string]any
}

// Timed may be implemented by a module's Args to bound the whole run. Zero
// means no bound.
type Timed interface{ Timeout() time.Duration }

// Runner is a module without its type parameters.
type Runner interface {
	// Options is the module's table.
	Options() option.Table
	// Run carries out a request. Secrets that it learns are added to hide;
	// progress goes to log. The result is not yet redacted.
	Run(ctx context.Context, request wire.Request, env option.Lookup, hide *secret.Redactor, log io.Writer) wire.Result
}

// Adapt makes a Runner of a module.
func Adapt[Args, State any](module Module[Args, State]) Runner {
	return runner[Args, State]{module}
}

type runner[Args, State any] struct{ module Module[Args, State] }

func (r runner[Args, State]) Options() option.Table { return r.module.Options() }
