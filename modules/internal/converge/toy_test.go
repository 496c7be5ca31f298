// SPDX-License-Identifier: AGPL-3.0-or-later

package converge_test

import (
	"context"
	"errors"
	"time"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wait"
)

// toy is a module whose world is two labels in memory. Its faults are switches.
type toy struct {
	world   map[string]string
	applied []string
	fail    string // the path whose Apply fails
	forgets bool   // a world that does not keep what is written
	panics  bool
	slow    time.Duration
}

type toyArgs struct {
	Color   string        `json:"color"`
	Shape   string        `json:"shape"`
	Key     secret.Text   `json:"key"`
	Ready   bool          `json:"ready"`
	Limit   time.Duration `json:"timeout"`
	Refused bool          `json:"refused"`
}

func (a toyArgs) Timeout() time.Duration { return a.Limit }

type toyState struct {
	labels  map[string]string
	ready   bool
	refused bool
}

var _ converge.Module[toyArgs, toyState] = (*toy)(nil)

func (m *toy) Options() option.Table {
	return option.Table{Options: []option.Option{
		{Name: "color", Type: option.Text, Required: true},
		{Name: "shape", Type: option.Text, Default: "round"},
		{Name: "key", Type: option.Text, Secret: true},
		{Name: "ready", Type: option.Bool, Default: false},
		{Name: "timeout", Type: option.Duration},
		{Name: "refused", Type: option.Bool, Default: false},
	}}
}

func (m *toy) Desired(args toyArgs) (toyState, error) {
	return toyState{labels: map[string]string{"color": args.Color, "shape": args.Shape}, ready: args.Ready, refused: args.Refused}, nil
}

func (m *toy) Observe(ctx context.Context, _ toyArgs) (toyState, error) {
	if m.panics {
		panic("boom")
	}
	if m.slow > 0 {
		return toyState{}, wait.Until(ctx, "the toy", m.slow, func(context.Context) (bool, string, error) { return false, "1/2 ready", nil })
	}
	seen := map[string]string{}
	for name, value := range m.world {
		seen[name] = value
	}
	return toyState{labels: seen}, nil
}

func (m *toy) Plan(want, have toyState) (plan.Plan, error) {
	if want.refused {
		return plan.Plan{}, fault.New(fault.Unsupported, "choose another", "plan: this cannot work")
	}
	var p plan.Plan
	for _, name := range []string{"color", "shape"} {
		if have.labels[name] != want.labels[name] {
			p.Add(change(name, have.labels[name], want.labels[name]))
		}
	}
	if want.ready {
		p.Add(plan.Change{Path: "ready", Verb: plan.Await})
	}
	if want.labels["color"] == "red" {
		p.Warn("%s is loud", "red")
	}
	return p, nil
}

func change(name, before, after string) plan.Change {
	if before == "" {
		return plan.Change{Path: "label/" + name, Verb: plan.Create, After: after, Payload: after}
	}
	return plan.Change{Path: "label/" + name, Verb: plan.Update, Before: before, After: after, Payload: after}
}

func (m *toy) Apply(ctx context.Context, args toyArgs, change plan.Change) error {
	m.applied = append(m.applied, change.String())
	wait.Report(ctx, "applying %s with %s", change.Path, args.Key.Reveal())
	if change.Path == m.fail {
		return fault.Doing("write "+change.Path, errors.New("refused for "+args.Key.Reveal()))
	}
	if change.Verb != plan.Await && !m.forgets {
		m.world[change.Path[len("label/"):]] = change.Payload.(string)
	}
	return nil
}

func (m *toy) Result(args toyArgs, have toyState) map[string]any {
	return map[string]any{"labels": have.labels, "login": args.Key}
}
