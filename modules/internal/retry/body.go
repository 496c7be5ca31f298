// SPDX-License-Identifier: AGPL-3.0-or-later

package retry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// clock bounds one attempt.
type clock struct {
	ctx    context.Context //nolint:containedctx // it is the attempt's own
	caller context.Context //nolint:containedctx // to tell which one ended
	cancel context.CancelFunc
	unhook func() bool
	timer  *time.Timer
	start  time.Time
	limit  time.Duration
	// known is true if the server had answered before this attempt.
	known bool
	// got counts the bytes of the answer's body.
	got int64
	end context.Context //nolint:containedctx // that of the whole run
}

func (t *Transport) clock(ctx context.Context) *clock {
	limit, known := t.policy.Attempt, t.answered.Load()
	if !known {
		limit = min(limit, t.limits(ctx).Silence)
	}
	c := &clock{caller: ctx, end: t.end, start: time.Now(), limit: limit, known: known}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.unhook = context.AfterFunc(t.end, c.cancel)
	c.timer = time.AfterFunc(limit, c.cancel)
	return c
}

// extend gives more time to an answer that arrives fast enough.
func (c *clock) extend(n int) {
	c.got += int64(n)
	c.timer.Reset(time.Until(c.start.Add(c.limit + time.Duration(c.got)*time.Second/slowest)))
}

// disarm leaves the end of the attempt to the caller.
func (c *clock) disarm() { c.timer.Stop() }

func (c *clock) stop() {
	c.timer.Stop()
	c.unhook()
	c.cancel()
}

// ended stops the clock, and says so if the clock ended the attempt.
func (c *clock) ended(err error) error {
	late := c.ctx.Err() != nil && c.caller.Err() == nil
	c.stop()
	switch {
	case late && c.end.Err() != nil:
		return errOver
	case late:
		return &silent{time.Since(c.start), c.got > 0, c.known}
	}
	return err
}

// errOver is the error of requests that outlive their run.
var errOver = fmt.Errorf("the time limit of the whole run was reached: %w", context.DeadlineExceeded)

// silent is the error when a server did not finish its answer to a request.
type silent struct {
	after   time.Duration
	partial bool
	// known is true if the server had answered before.
	known bool
}

// Error says how far the answer got.
func (s *silent) Error() string {
	after := s.after.Round(time.Second)
	if s.partial {
		return fmt.Sprintf("the server did not finish its answer within %s", after)
	}
	return fmt.Sprintf("the server took the connection and said nothing for %s", after)
}

// Is makes it a timeout.
func (s *silent) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// tooLong is the error when an answer is larger than any valid one.
type tooLong struct{ largest int64 }

func (l *tooLong) Error() string {
	return fmt.Sprintf("the server's answer is longer than %d MiB", l.largest>>20)
}

// timed is the body of an answer under a clock, with a limit on its size.
type timed struct {
	clock         *clock
	inner         io.ReadCloser
	left, largest int64
	lasting       bool
}

// Read reads on, within the limits of time and size.
func (b *timed) Read(p []byte) (int, error) {
	n, err := b.inner.Read(p)
	if b.lasting {
		return n, err
	}
	if b.left -= int64(n); b.left < 0 {
		b.clock.stop()
		return 0, &tooLong{b.largest}
	}
	switch {
	case err == nil:
		b.clock.extend(n)
	case errors.Is(err, io.EOF):
		b.clock.disarm()
	default:
		err = b.clock.ended(err)
	}
	return n, err
}

// Close ends the attempt.
func (b *timed) Close() error {
	err := b.inner.Close()
	b.clock.stop()
	return err
}

// buffered is a body that has already been read.
type buffered struct {
	bytes.Reader
	data []byte
}

// Close does nothing: nothing is open.
func (*buffered) Close() error { return nil }

// readWhole reads the whole answer.
func readWhole(response *http.Response) (*http.Response, error) {
	defer response.Body.Close()
	var buffer bytes.Buffer
	if size := response.ContentLength; size > 0 && size <= 1<<20 {
		buffer.Grow(int(size) + bytes.MinRead)
	}
	if _, err := buffer.ReadFrom(response.Body); err != nil {
		return nil, err
	}
	return withBody(response, buffer.Bytes()), nil
}

func withBody(response *http.Response, data []byte) *http.Response {
	body := &buffered{data: data}
	body.Reset(data)
	response.Body = body
	return response
}

// peek reads up to upTo bytes of an answer, and leaves the rest of a longer one to
// the caller.
func peek(response *http.Response, upTo int64) (*http.Response, error) {
	if upTo == 0 {
		return response, nil
	}
	var buffer bytes.Buffer
	_, err := io.CopyN(&buffer, response.Body, upTo+1)
	switch {
	case err == nil:
		response.Body = &peeked{io.MultiReader(&buffer, response.Body), response.Body}
		return response, nil
	case !errors.Is(err, io.EOF):
		_ = response.Body.Close()
		return nil, err
	}
	_ = response.Body.Close()
	return withBody(response, buffer.Bytes()), nil
}

// peeked is a body whose beginning has already been read.
type peeked struct {
	io.Reader
	io.Closer
}

// Read returns the body of an answer and closes it. One that the transport has
// already read is not copied.
func Read(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	if body, ok := response.Body.(*buffered); ok {
		return body.data, nil
	}
	data, err := io.ReadAll(response.Body)
	return data, inWords(err)
}
