// SPDX-License-Identifier: AGPL-3.0-or-later

// Package converge drives a module from its options to its result. Check mode,
// diff, redaction of secrets, verification of the outcome and reports of partial work
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

// Module converges one kind of thing. Args are the options as given, Spec is
// what is wanted, Status what was observed.
type Module[Args, Spec, Status any] interface {
	// Options is the table from which Args is filled by its json tags.
	Options() option.Table
	// Spec is pure: it turns the arguments into what is wanted, or refuses
	// arguments that contradict each other.
	Spec(Args) (Spec, error)
	// Connect makes a client from the spec. It contacts no server; it may read local
	// files, such as a kubeconfig or a CA.
	Connect(context.Context, Spec) (Client[Spec, Status], error)
}

// Client lives for one run. It never writes: each change of its plan carries
// the step that does.
type Client[Spec, Status any] interface {
	// Observe reads the current state, and does each dry run that the plan needs
	// once. Absence is a Status, not an error.
	Observe(context.Context, Spec) (Status, error)
	// Plan is pure: the changes from Status to Spec. Its error refuses what
	// cannot work, before anything is written.
	Plan(Spec, Status) (plan.Plan, error)
	// Result is pure: what the task returns beside changed and diff, from the
	// status at the end.
	Result(Spec, Status) map[string]any
}

// Timed may be implemented by a module's Spec to limit the whole run. Zero
// means no limit.
type Timed interface{ Timeout() time.Duration }

// Reporter may be implemented by a Client that has something to return even
// when the run fails, such as what it found out on the way.
type Reporter interface{ Partial() map[string]any }

// Runner is a module without its type parameters.
type Runner interface {
	// Options is the module's table.
	Options() option.Table
	// Run carries out a request. Secrets that it learns are added to hide;
	// progress goes to log. The result is not yet redacted.
	Run(ctx context.Context, request wire.Request, env option.Lookup, hide *secret.Redactor, log io.Writer) wire.Result
}

// NewRunner makes a Runner of a module.
func NewRunner[Args, Spec, Status any](module Module[Args, Spec, Status]) Runner {
	return runner[Args, Spec, Status]{module}
}

type runner[Args, Spec, Status any] struct{ module Module[Args, Spec, Status] }

func (r runner[Args, Spec, Status]) Options() option.Table { return r.module.Options() }
