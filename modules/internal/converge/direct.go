// SPDX-License-Identifier: AGPL-3.0-or-later

package converge

import (
	"context"
	"time"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Direct is the contract that modules had before Module: one object that is
// handed its arguments again in every method. It goes when the last module has
// moved.
type Direct[Args, State any] interface {
	Options() option.Table
	Desired(Args) (State, error)
	Observe(context.Context, Args) (State, error)
	Plan(want, have State) (plan.Plan, error)
	Apply(context.Context, Args, plan.Change) error
	Result(Args, State) map[string]any
}

// Telling may be implemented by a Direct module that has something to return
// even when it fails.
type Telling interface{ Found() map[string]any }

// Adapt makes a Runner of a Direct module.
func Adapt[Args, State any](module Direct[Args, State]) Runner {
	return NewRunner[Args, directSpec[Args, State], State](direct[Args, State]{module})
}

type directSpec[Args, State any] struct {
	args Args
	want State
}

func (s directSpec[Args, State]) Timeout() time.Duration {
	if timed, ok := any(s.args).(Timed); ok {
		return timed.Timeout()
	}
	return 0
}

type direct[Args, State any] struct{ module Direct[Args, State] }

func (d direct[Args, State]) Options() option.Table { return d.module.Options() }

func (d direct[Args, State]) Spec(args Args) (directSpec[Args, State], error) {
	want, err := d.module.Desired(args)
	return directSpec[Args, State]{args, want}, err
}

func (d direct[Args, State]) Connect(context.Context, directSpec[Args, State]) (Client[directSpec[Args, State], State], error) {
	return directClient[Args, State](d), nil
}

type directClient[Args, State any] struct{ module Direct[Args, State] }

func (c directClient[Args, State]) Observe(ctx context.Context, spec directSpec[Args, State]) (State, error) {
	return c.module.Observe(ctx, spec.args)
}

func (c directClient[Args, State]) Plan(spec directSpec[Args, State], have State) (plan.Plan, error) {
	p, err := c.module.Plan(spec.want, have)
	for i, change := range p.Changes {
		p.Changes[i].Step = directStep[Args, State]{c.module, spec.args, change}
	}
	return p, err
}

func (c directClient[Args, State]) Result(spec directSpec[Args, State], have State) map[string]any {
	return c.module.Result(spec.args, have)
}

func (c directClient[Args, State]) Partial() map[string]any {
	if telling, does := c.module.(Telling); does {
		return telling.Found()
	}
	return nil
}

type directStep[Args, State any] struct {
	module Direct[Args, State]
	args   Args
	change plan.Change
}

func (s directStep[Args, State]) Do(ctx context.Context) error {
	return s.module.Apply(ctx, s.args, s.change)
}
