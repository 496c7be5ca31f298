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

// Run reads the options and plans; unless the request is a check, it carries out the
// steps of the plan and verifies the outcome.
func (r runner[Args, Spec, Status]) Run(ctx context.Context, request wire.Request, env option.Lookup, hide *secret.Redactor, log io.Writer) wire.Result {
	args, err := r.args(request, env, hide)
	if err != nil {
		return failure(err, "options")
	}
	spec, err := r.module.Spec(args)
	if err != nil {
		return failure(err, "spec")
	}
	ctx = secret.WithRedactor(wait.WithProgress(ctx, hide.Writer(log)), hide)
	ctx, cancel := bounded(ctx, spec)
	defer cancel()
	return ending(ctx, func() wire.Result { return r.run(ctx, spec, request) })
}

func (r runner[Args, Spec, Status]) run(ctx context.Context, spec Spec, request wire.Request) wire.Result {
	client, err := r.module.Connect(ctx, spec)
	if err != nil {
		return failure(err, "observe")
	}
	run := &run[Spec, Status]{client: client, spec: spec, request: request}
	return run.result(ctx)
}

func (r runner[Args, Spec, Status]) args(request wire.Request, env option.Lookup, hide *secret.Redactor) (args Args, err error) {
	values, err := r.module.Options().Decode(request.Options, env)
	hide.Add(values.Secrets()...)
	hide.Add(proxyLogins(env)...)
	if err != nil {
		return args, fault.Wrap(fault.Usage, "", "options", err)
	}
	if err := values.Into(&args); err != nil {
		return args, fault.Wrap(fault.Internal, "", "options", err)
	}
	return args, nil
}

func bounded(ctx context.Context, spec any) (context.Context, context.CancelFunc) {
	timed, ok := spec.(Timed)
	if !ok || timed.Timeout() == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, timed.Timeout())
}

// run is one request being carried out.
type run[Spec, Status any] struct {
	client  Client[Spec, Status]
	spec    Spec
	request wire.Request
	status  Status
	plan    plan.Plan
	done    []string
	step    string
}

func (r *run[Spec, Status]) result(ctx context.Context) wire.Result {
	if err := r.converge(ctx); err != nil {
		return r.failure(err)
	}
	result := wire.Result{}
	for key, value := range r.client.Result(r.spec, r.status) {
		result[key] = value
	}
	result["changed"] = len(r.plan.Changed()) > 0
	return r.annotated(result)
}

// converge goes through the steps and remembers which one it is in.
func (r *run[Spec, Status]) converge(ctx context.Context) (err error) {
	r.step = "observe"
	if r.status, err = r.client.Observe(ctx, r.spec); err != nil {
		return err
	}
	r.step = "plan"
	if r.plan, err = r.client.Plan(r.spec, r.status); err != nil {
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
	return r.verify(ctx)
}

func (r *run[Spec, Status]) apply(ctx context.Context) error {
	for _, change := range r.plan.Changes {
		if err := change.Step.Do(ctx); err != nil {
			return err
		}
		if change.Verb != plan.Await {
			r.done = append(r.done, change.String())
		}
	}
	return nil
}

// verify observes again, so that a result says "changed" only of what was seen.
func (r *run[Spec, Status]) verify(ctx context.Context) (err error) {
	if r.status, err = r.client.Observe(ctx, r.spec); err != nil {
		return err
	}
	left, err := r.client.Plan(r.spec, r.status)
	if err != nil {
		return err
	}
	if paths := left.Paths(); len(paths) > 0 {
		return fault.New(fault.Conflict, "something else changes it at the same time, or the server does not keep it: run again with --check --diff to see what",
			"still different after the change: %s", strings.Join(paths, ", "))
	}
	return nil
}
