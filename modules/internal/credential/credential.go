// SPDX-License-Identifier: AGPL-3.0-or-later

// Package credential runs the programs that print a login, that of a kubeconfig and
// Docker's for registries, with limits on their time and output.
package credential

import (
	"context"
	"time"

	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Apply logs in with the program that a configuration names, if it does. client-go
// would run it without any limit, wait for all that it starts, keep whatever it
// prints, and let it write to the standard error of this process
// (k8s.io/client-go, plugin/pkg/client/auth/exec/exec.go). The program runs here, and
// again when its token expires or is refused; a client certificate holds for the
// whole run.
func Apply(config *rest.Config) error {
	if config.ExecProvider == nil {
		return nil
	}
	program, err := programOf(config)
	if err != nil {
		return err
	}
	config.ExecProvider = nil
	first, err := program.run(context.Background())
	if err != nil {
		return err
	}
	if first.ClientKeyData != "" {
		config.CertData, config.KeyData = []byte(first.ClientCertificateData), []byte(first.ClientKeyData)
	}
	if first.Token != "" {
		tokens := &tokens{program: program, now: time.Now, last: first}
		config.Wrap(tokens.over)
	}
	return nil
}

// secrets are what must not be printed: what the program was given, and what it
// returned.
func (p *program) secrets(got status) []secret.Text {
	known := secret.Within(map[string]any{"env": p.given, "command": p.arguments()})
	return append(known, secret.NewText(got.Token), secret.NewText(got.ClientKeyData))
}
