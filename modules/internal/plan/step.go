// SPDX-License-Identifier: AGPL-3.0-or-later

package plan

import "context"

// Step does one change. Only the engine calls Do, and never in check mode.
type Step interface{ Do(context.Context) error }

// Writer holds a client that can write, W, so that nobody but a step can use
// it: there is no way to take it out. Who observes and plans can therefore make
// steps, and do nothing themselves.
type Writer[W any] struct{ client W }

// NewWriter locks a client away.
func NewWriter[W any](client W) Writer[W] { return Writer[W]{client} }

// Step makes a step of what is to be done with the client.
func (w Writer[W]) Step(do func(context.Context, W) error) Step { return step[W]{w.client, do} }

type step[W any] struct {
	client W
	do     func(context.Context, W) error
}

// Do carries the step out.
func (s step[W]) Do(ctx context.Context) error { return s.do(ctx, s.client) }
