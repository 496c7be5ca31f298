// SPDX-License-Identifier: AGPL-3.0-or-later

package build

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Flags are the compiler's flags, which everything in this checkout is compiled with: the lines of .ci/compiler_flags that
// begin with "-".
func Flags(place folder.Folder) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(place.Root, ".ci", "compiler_flags"))
	if err != nil {
		return nil, fmt.Errorf("read the compiler's flags: %w", err)
	}
	lines := strings.Split(string(raw), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "-") }), nil
}
