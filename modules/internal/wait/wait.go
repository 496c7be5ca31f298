// SPDX-License-Identifier: AGPL-3.0-or-later

// Package wait polls until a condition holds, and reports what is still missing.
package wait

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Check looks once. It returns done, or what is still missing as state ("5/7
// ready: waiting for ingester-0"). An error ends the wait, whatever else is
// returned with it; at the end of ctx the last state is reported instead, and the
// error only where none was seen.
type Check func(context.Context) (done bool, state string, err error)

// Until calls check every interval until it is done, fails, or ctx ends. When
// ctx ends, the error is of kind Timeout, and names what was waited for and the
// last state.
func Until(ctx context.Context, what string, interval time.Duration, check Check) error {
	last, done, err := poll(ctx, Backoff{Initial: interval, Max: interval}, "", check)
	if done {
		return err
	}
	return timeoutError(ctx, what, last)
}

// poll calls check until it is done or fails, or until ctx ends: then done is
// false and last is the last state. Each new state is reported once, after
// prefix.
func poll(ctx context.Context, backoff Backoff, prefix string, check Check) (last string, done bool, err error) {
	for pause := backoff.Initial; ; pause = min(2*pause, backoff.Max) {
		done, state, err := check(ctx)
		switch {
		case err == nil && done, err != nil && !expired(ctx):
			return last, true, err
		case err != nil:
			last = cmp.Or(last, err.Error()) // what was seen before says more
		case state != "" && state != last:
			last = state
			Report(ctx, "%s%s", prefix, state)
		}
		if !sleep(ctx, pause) {
			return last, false, nil
		}
	}
}

// expired reports that ctx has ended, or is about to: a client's own limit fails at
// the deadline a moment before ctx ends.
func expired(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return ctx.Err() != nil || bounded && time.Until(deadline) <= 0
}

func timeoutError(ctx context.Context, what, last string) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	if last == "" {
		last = "no state was seen"
	}
	return fault.New(fault.Timeout, "look at what is named here, or raise the timeout", "wait for %s: timed out: %s", what, last)
}

// Pause waits between two attempts. It returns false, at once, if the deadline
// would pass meanwhile: the caller then still has the last failure to report,
// which says more than "deadline exceeded".
func Pause(ctx context.Context, length time.Duration) bool {
	if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) <= length {
		return false
	}
	return sleep(ctx, length)
}

func sleep(ctx context.Context, interval time.Duration) bool {
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

type progressKey struct{}

// WithProgress makes Report write to out.
func WithProgress(ctx context.Context, out io.Writer) context.Context {
	return context.WithValue(ctx, progressKey{}, out)
}

// Report reports progress to the user, formatted as fmt.Sprintf does. The line
// goes to the program's standard error as "progress: TEXT", from where the
// action plug-in shows it with -v.
func Report(ctx context.Context, format string, args ...any) {
	if out, ok := ctx.Value(progressKey{}).(io.Writer); ok {
		_, _ = fmt.Fprintf(out, "progress: "+format+"\n", args...)
	}
}
