// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"context"
	"errors"
	"os/exec"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

func (p *program) doing() string {
	return "run " + p.Command + ", by which the kubeconfig logs in"
}

func (p *program) useless(why string) error {
	return fault.New(fault.Usage, "run it by hand as the user of the task, and see what it prints", "%s: %s", p.doing(), why)
}

// failure is why the program ended without success.
func (p *program) failure(err error, out *output) error {
	var missing *exec.Error
	var ended *exec.ExitError
	switch {
	case errors.Is(err, errTooMuch):
		return p.useless(err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Timeout, "run it by hand as the user of the task: it may wait for a browser or for somebody who answers",
			"%s: it did not end within %s", p.doing(), p.limit)
	case errors.As(err, &missing):
		return fault.Wrap(fault.Usage, p.hint(), p.doing(), missing.Err)
	case errors.As(err, &ended):
		return fault.New(fault.Denied, "run it by hand as the user of the task: a login may have expired", "%s: it ended with %s%s", p.doing(), ended.ProcessState, p.said(out))
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
func (p *program) said(out *output) string {
	var hide secret.Redactor
	hide.Add(p.secrets(status{})...)
	hide.Add(secret.NewText(strings.TrimSpace(out.printed.kept.String())))
	lines := strings.Split(strings.TrimSpace(hide.Text(out.words.kept.String())), "\n")
	last := lines[len(lines)-1]
	if last == "" || out.words.kept.Len() == out.words.most {
		return ""
	}
	return ": " + last
}
