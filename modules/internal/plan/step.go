// SPDX-License-Identifier: AGPL-3.0-or-later

package plan

import "context"

// Step does one change. Only the engine calls Do, and never in check mode.
type Step interface{ Do(context.Context) error }

// Writer holds a client that can write, W, so that nobody but a step can use
// it: it cannot be taken out. Code that observes and plans can therefore make
// steps, but write nothing itself.
type Writer[W any] struct{ client W }

// NewWriter wraps a client.
func NewWriter[W any](client W) Writer[W] { return Writer[W]{client} }

// Step returns a step that calls do with the client.
func (w Writer[W]) Step(do func(context.Context, W) error) Step { return step[W]{w.client, do} }

// Failing returns a step that ends the run with an error.
func Failing(err error) Step { return failing{err} }

type failing struct{ err error }

// Do fails.
func (f failing) Do(context.Context) error { return f.err }

type step[W any] struct {
	client W
	do     func(context.Context, W) error
}

// Do carries the step out.
func (s step[W]) Do(ctx context.Context) error { return s.do(ctx, s.client) }
