// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// notFound is what a program of Docker prints for a registry that it does not know
// (docker/docker-credential-helpers, credentials/error.go).
const notFound = "credentials not found in native keychain"

// FromDocker asks docker-credential-NAME for the login of a registry. User and password
// are empty if it knows none.
func FromDocker(ctx context.Context, name, registry string) (user string, password secret.Text, err error) {
	program := "docker-credential-" + name
	doing := fmt.Sprintf("ask %s for the login of %s", program, registry)
	out, err := call{name: program, args: []string{"get"}, input: registry, limit: limit}.run(ctx)
	said := ""
	if out != nil {
		said = strings.TrimSpace(out.printed.kept.String())
	}
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) && said == notFound {
		return "", password, nil
	}
	if err != nil {
		return "", password, fault.Wrap(fault.Denied, "give chart_repo_username and chart_repo_password, or see why that program does not answer here", doing, err)
	}
	var login struct{ Username, Secret string }
	if json.Unmarshal([]byte(said), &login) != nil {
		return "", password, fault.New(fault.Denied, "give chart_repo_username and chart_repo_password", "%s: it printed something else", doing)
	}
	secret.Learn(ctx, secret.NewText(login.Secret))
	return login.Username, secret.NewText(login.Secret), nil
}
