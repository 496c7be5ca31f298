// SPDX-License-Identifier: AGPL-3.0-or-later

package converge_test

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wait"
)

// This file is a whole module on one page, in the order of the files that a real
// one has. It keeps two labels in a world that is a map in memory.

// options.go: what the user may say, and the arguments that it becomes.

type toyArgs struct {
	Color   string        `json:"color"`
	Shape   string        `json:"shape"`
	Key     secret.Text   `json:"key"`
	Ready   bool          `json:"ready"`
	Limit   time.Duration `json:"timeout"`
	Refused bool          `json:"refused"`
}

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

// spec.go: what is wanted. It embeds the options that it takes as they are.

type toySpec struct {
	toyArgs
	labels map[string]string
}

func (s toySpec) Timeout() time.Duration { return s.Limit }

func (m *toy) Spec(args toyArgs) (toySpec, error) {
	if args.Color == args.Shape {
		return toySpec{}, fault.New(fault.Usage, "give one of them another value", "color and shape are both %s", args.Color)
	}
	return toySpec{toyArgs: args, labels: map[string]string{"color": args.Color, "shape": args.Shape}}, nil
}

// status.go: what is there, read through what can only read.

type toyStatus struct{ labels map[string]string }

type toyReader interface{ Labels() map[string]string }

func (c *toyClient) Observe(ctx context.Context, _ toySpec) (toyStatus, error) {
	if c.faults.panics {
		panic("boom")
	}
	if c.faults.slow > 0 {
		return toyStatus{}, wait.Until(ctx, "the toy", c.faults.slow, func(context.Context) (bool, string, error) { return false, "1/2 ready", nil })
	}
	return toyStatus{c.reader.Labels()}, nil
}

// plan.go: the way from the one to the other. Each change carries its step.

func (c *toyClient) Plan(spec toySpec, status toyStatus) (plan.Plan, error) {
	if spec.Refused {
		return plan.Plan{}, fault.New(fault.Unsupported, "choose another", "plan: this cannot work")
	}
	var p plan.Plan
	for _, name := range []string{"color", "shape"} {
		if status.labels[name] != spec.labels[name] {
			p.Add(c.change(spec, status, name))
		}
	}
	if spec.Ready {
		p.Add(plan.Change{Path: "ready", Verb: plan.Await, Step: c.writer.Step(awaitReady(spec))})
	}
	if spec.Color == "red" {
		p.Warn("%s is loud", spec.Color)
	}
	return p, nil
}

func (c *toyClient) change(spec toySpec, status toyStatus, name string) plan.Change {
	change := plan.Change{Path: "label/" + name, Verb: plan.Create, After: spec.labels[name], Step: c.writer.Step(setLabel(spec, name))}
	if before, ok := status.labels[name]; ok {
		change.Verb, change.Before = plan.Update, before
	}
	return change
}

// steps.go: the only part that is handed what can write.

type toyWriter interface {
	SetLabel(ctx context.Context, name, value string, key secret.Text) error
	AwaitReady(ctx context.Context, key secret.Text) error
}

func setLabel(spec toySpec, name string) func(context.Context, toyWriter) error {
	return func(ctx context.Context, w toyWriter) error {
		return w.SetLabel(ctx, name, spec.labels[name], spec.Key)
	}
}

func awaitReady(spec toySpec) func(context.Context, toyWriter) error {
	return func(ctx context.Context, w toyWriter) error { return w.AwaitReady(ctx, spec.Key) }
}

// module.go: the module itself, how it connects, and what it returns.

type toy struct {
	world  *toyWorld
	faults toyFaults
}

var _ converge.Module[toyArgs, toySpec, toyStatus] = (*toy)(nil)

type toyClient struct {
	reader toyReader
	writer plan.Writer[toyWriter]
	faults toyFaults
}

func (m *toy) Connect(context.Context, toySpec) (converge.Client[toySpec, toyStatus], error) {
	return m.client(), nil
}

func (m *toy) client() *toyClient {
	m.world.fail, m.world.forgets = m.faults.fail, m.faults.forgets
	return &toyClient{reader: m.world, writer: plan.NewWriter[toyWriter](m.world), faults: m.faults}
}

func (c *toyClient) Result(spec toySpec, status toyStatus) map[string]any {
	return map[string]any{"labels": status.labels, "login": spec.Key}
}

// The outside world, which a real module finds in a package of internal/.

type toyFaults struct {
	fail    string // the path whose step fails
	forgets bool   // a world that does not keep what is written
	panics  bool
	slow    time.Duration
}

type toyWorld struct {
	labels  map[string]string
	written []string
	fail    string
	forgets bool
}

func (w *toyWorld) Labels() map[string]string { return maps.Clone(w.labels) }

func (w *toyWorld) SetLabel(ctx context.Context, name, value string, key secret.Text) error {
	path := "label/" + name
	w.written = append(w.written, path)
	wait.Report(ctx, "applying %s with %s", path, key.Reveal())
	if path == w.fail {
		return fault.During("write "+path, errors.New("refused for "+key.Reveal()))
	}
	if !w.forgets {
		w.labels[name] = value
	}
	return nil
}

func (w *toyWorld) AwaitReady(ctx context.Context, key secret.Text) error {
	w.written = append(w.written, "ready")
	wait.Report(ctx, "waiting with %s", key.Reveal())
	return nil
}
