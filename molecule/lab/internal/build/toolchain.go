// SPDX-License-Identifier: AGPL-3.0-or-later

package build

import (
	"context"
	"fmt"
	"go/version"
	"os/exec"
	"strings"
)

// Oldest is the oldest Go that builds the lab: Helm 3.22 and MinIO require it in their go.mod.
const Oldest = "go1.26"

// FindGo finds the go command and its version.
func FindGo(ctx context.Context) (path, found string, err error) {
	path, err = exec.LookPath("go")
	if err != nil {
		return "", "", fmt.Errorf("look for Go: the command go is not in PATH; install %s or newer from go.dev", Oldest)
	}
	raw, err := exec.CommandContext(ctx, path, "env", "GOVERSION").Output()
	if err != nil {
		return "", "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	found = strings.TrimSpace(string(raw))
	return path, found, check(found)
}

// check refuses a Go that is too old. Development versions ("devel ...") are accepted.
func check(found string) error {
	if version.IsValid(found) && version.Compare(found, Oldest) < 0 {
		return fmt.Errorf("check the version of Go: the lab needs %s or newer, this is %s", Oldest, found)
	}
	return nil
}
