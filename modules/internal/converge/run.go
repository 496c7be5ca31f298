// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"context"
	"io"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wait"
	"github.com/picluster/tracing/modules/internal/wire"
)

// Run reads the options, plans, and unless the request is a check applies the
// plan and proves the outcome.
func (r runner[Args, State]) Run(ctx context.Context, request wire.Request, env option.Lookup, hide *secret.Redactor, log io.Writer) wire.Result {
	values, err := r.module.Options().Decode(request.Options, env)
	hide.Add(values.Secrets()...)
	if err != nil {
		return failure(fault.As(fault.Usage, "", "options", err), "options")
	}
	var args Args
	if err := values.Into(&args); err != nil {
		return failure(fault.As(fault.Internal, "", "options", err), "options")
	}
	ctx, cancel := bounded(wait.WithProgress(ctx, hide.Writer(log)), args)
	defer cancel()
	run := &run[Args, State]{module: r.module, args: args, request: request}
	return ending(ctx, func() wire.Result { return run.result(ctx) })
}

func bounded(ctx context.Context, args any) (context.Context, context.CancelFunc) {
	timed, ok := args.(Timed)
	if !ok || timed.Timeout() == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timed.Timeout())
}

// run is one request on its way.
type run[Args, State any] struct {
	module  Module[Args, State]
	args    Args
	request wire.Request
	want    State
	have    State
	plan    plan.Plan
	done    []string
	step    string
}

func (r *run[Args, State]) result(ctx context.Context) wire.Result {
	if err := r.converge(ctx); err != nil {
		return r.failure(err)
	}
	result := wire.Result{}
	for key, value := range r.module.Result(r.args, r.have) {
		result[key] = value
	}
	result["changed"] = len(r.plan.Changed()) > 0
	return r.annotated(result)
}

// converge goes through the steps and remembers which one it is in.
func (r *run[Args, State]) converge(ctx context.Context) (err error) {
	r.step = "desired"
	if r.want, err = r.module.Desired(r.args); err != nil {
		return err
	}
	r.step = "observe"
	if r.have, err = r.module.Observe(ctx, r.args); err != nil {
		return err
	}
	r.step = "plan"
	if r.plan, err = r.module.Plan(r.want, r.have); err != nil {
		return err
	}
	if r.request.Check || len(r.plan.Changes) == 0 {
		return nil
	}
	r.step = "apply"
	if err := r.apply(ctx); err != nil {
		return err
	}
	r.step = "verify"
	return r.prove(ctx)
}

func (r *run[Args, State]) apply(ctx context.Context) error {
	for _, change := range r.plan.Changes {
		if err := r.module.Apply(ctx, r.args, change); err != nil {
			return err
		}
		if change.Verb != plan.Await {
			r.done = append(r.done, change.String())
		}
	}
	return nil
}

// prove observes again: whoever says "changed" has seen it.
func (r *run[Args, State]) prove(ctx context.Context) (err error) {
	if r.have, err = r.module.Observe(ctx, r.args); err != nil {
		return err
	}
	left, err := r.module.Plan(r.want, r.have)
	if err != nil {
		return err
	}
	if paths := left.Paths(); len(paths) > 0 {
		return fault.New(fault.Conflict, "something else changes it at the same time, or the server does not keep it: run again with --check --diff to see what",
			"still different after the change: %s", strings.Join(paths, ", "))
	}
	return nil
}
