// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

var errTooMuch = fmt.Errorf("it printed more than %d MiB", largest>>20)

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

func (p *program) doing() string {
	return "run " + p.Command + ", by which the kubeconfig logs in"
}

func (p *program) useless(why string) error {
	return fault.New(fault.Usage, "run it by hand as the user of the task, and see what it prints", "%s: %s", p.doing(), why)
}

// failure is why the program ended without success.
func (p *program) failure(ctx context.Context, err error, out, words *bounded) error {
	var missing *exec.Error
	var ended *exec.ExitError
	switch {
	case errors.Is(err, errTooMuch) || out.kept.Len() == largest:
		return p.useless(errTooMuch.Error())
	case ctx.Err() != nil:
		return fault.New(fault.Timeout, "run it by hand as the user of the task: it may wait for a browser or for somebody who answers",
			"%s: it did not end within %s", p.doing(), p.limit)
	case errors.As(err, &missing):
		return fault.Wrap(fault.Usage, p.hint(), p.doing(), missing.Err)
	case errors.As(err, &ended):
		return fault.New(fault.Denied, "run it by hand as the user of the task: a login may have expired", "%s: it ended with %s%s", p.doing(), ended.ProcessState, p.said(out, words))
	}
	return fault.Wrap(fault.Usage, p.hint(), p.doing(), err)
}

func (p *program) hint() string {
	hint := "install it on the host that runs the task, or use a kubeconfig with a certificate or a token"
	if p.InstallHint == "" {
		return hint
	}
	return hint + "; the kubeconfig says: " + strings.Join(strings.Fields(p.InstallHint), " ")
}

// said is the last line that the program wrote to its standard error, without what it
// was given in secret and what it printed.
func (p *program) said(out, words *bounded) string {
	var hide secret.Redactor
	hide.Add(p.secrets(status{})...)
	hide.Add(secret.NewText(strings.TrimSpace(out.kept.String())))
	lines := strings.Split(strings.TrimSpace(hide.Text(words.kept.String())), "\n")
	last := lines[len(lines)-1]
	if last == "" || words.kept.Len() == words.most {
		return ""
	}
	return ": " + last
}
