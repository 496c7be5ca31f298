// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// limit is how long a program may take: it asks one server for a token at most.
// largest bounds what it prints, in bytes.
const (
	limit   = 30 * time.Second
	largest = 1 << 20
)

var errTooMuch = fmt.Errorf("it printed more than %d MiB", largest>>20)

// call is a program, what it is told, and how long it may take.
type call struct {
	name  string
	args  []string
	env   []string
	input string
	limit time.Duration
}

// output is what a program printed, and what it wrote to its standard error.
type output struct{ printed, words bounded }

// run starts the program and waits for it. When its time is over it is killed with all
// that it started.
func (c call) run(ctx context.Context) (*output, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	out := &output{printed: bounded{most: largest, full: errTooMuch}, words: bounded{most: 4 << 10}}
	command := exec.CommandContext(ctx, c.name, c.args...)
	command.Env, command.Stdin = append(os.Environ(), c.env...), strings.NewReader(c.input)
	command.Stdout, command.Stderr = &out.printed, &out.words
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second // what it left running may hold its output open
	err := command.Run()
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return out, nil
	case errors.Is(err, errTooMuch) || out.printed.kept.Len() == largest:
		return out, errTooMuch
	case ctx.Err() != nil:
		return out, fmt.Errorf("it did not end within %s: %w", c.limit, context.DeadlineExceeded)
	}
	return out, err
}

// bounded keeps the beginning of what is written to it. It takes the rest without
// keeping it, or ends with the error full if there is one.
type bounded struct {
	// kept is no embedded field: a copy would go by its ReadFrom, past Write.
	kept bytes.Buffer
	most int
	full error
}

// Write keeps what there is room for.
func (b *bounded) Write(data []byte) (int, error) {
	room := b.most - b.kept.Len()
	b.kept.Write(data[:min(len(data), room)])
	if len(data) > room && b.full != nil {
		return 0, b.full
	}
	return len(data), nil
}
