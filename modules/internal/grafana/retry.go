// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/picluster/tracing/modules/internal/wait"
)

// patiently repeats a call that failed for the moment. A call that changes
// something is repeated only where it has surely not been carried out: a
// refused connection, or 429.
func (c *Client) patiently(ctx context.Context, request call) (answer, error) {
	for try := 0; ; try++ {
		reply, err := c.once(ctx, request)
		pause, again := c.pause(request, reply, err, try)
		if !again || !wait.Pause(ctx, pause) {
			return reply, err
		}
		wait.Report(ctx, "%s: %s; trying again", request.doing, outcome(reply, err))
	}
}

// pause says how long to wait before the next attempt, if there is one.
func (c *Client) pause(request call, reply answer, err error, try int) (time.Duration, bool) {
	if err == nil && reply.status == http.StatusTooManyRequests {
		return c.asked(reply, try)
	}
	if try >= len(c.pauses) || !repeatable(request, reply, err) {
		return 0, false
	}
	return c.pauses[try], true
}

// asked is the time that a 429 asks for; the deadline of the context bounds it.
func (c *Client) asked(reply answer, try int) (time.Duration, bool) {
	text := reply.header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0), true
	}
	if try >= len(c.pauses) {
		return 0, false
	}
	return c.pauses[try], true
}

func repeatable(request call, reply answer, err error) bool {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	if request.method != http.MethodGet {
		return false
	}
	switch reply.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return err == nil && !request.plain // a plain call is an answer of the data source
	}
	return errors.Is(err, syscall.ECONNRESET)
}

func outcome(reply answer, err error) string {
	if err != nil {
		return cause(err).Error()
	}
	return strconv.Itoa(reply.status) + " " + http.StatusText(reply.status)
}
