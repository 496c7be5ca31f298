// SPDX-License-Identifier: AGPL-3.0-or-later

package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

func TestFlags(t *testing.T) {
	root := t.TempDir()
	_, err := Flags(folder.Folder{Root: root})
	require.ErrorContains(t, err, "read the compiler's flags: ")

	require.NoError(t, os.Mkdir(filepath.Join(root, ".ci"), 0o700))
	text := "# why\n-trimpath\n\n# a flag may have blanks\n-gcflags=all=-l -dwarf=false\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, ".ci", "compiler_flags"), []byte(text), 0o600))
	flags, err := Flags(folder.Folder{Root: root})
	require.NoError(t, err)
	require.Equal(t, []string{"-trimpath", "-gcflags=all=-l -dwarf=false"}, flags)
}
