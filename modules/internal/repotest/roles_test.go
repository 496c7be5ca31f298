// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// counted is a variable whose length is asked for as it came.
var counted = regexp.MustCompile(`\b([a-z]\w*)\s*(?:\|\s*default\([^)]*\)\s*)?\|\s*(?:length|count)\b`)

// A text may be a number where nobody has quoted it, a password or a name of
// digits for instance, and a number has no length.
func TestRolesDoNotApplyLengthToNumbers(t *testing.T) {
	files := 0
	require.NoError(t, filepath.Walk(filepath.Join(root, "roles"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !regexp.MustCompile(`/(tasks|defaults|vars|handlers|templates)/`).MatchString(path) {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, found := range counted.FindAllStringSubmatch(string(content), -1) {
			kind := kindOf(t, found[1])
			require.Contains(t, []string{"dict", "list", "local"}, kind, "%s: %s is a %s: ask for %s | string | length", path, found[0], kind, found[1])
		}
		return nil
	}))
	require.Greater(t, files, 20)
}

// kindOf is a variable's type in the argument specs of the roles; "local" is one
// that is in none: a role's own, which begins with an underscore.
func kindOf(t *testing.T, variable string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "roles/*/meta/argument_specs.yml"))
	require.NoError(t, err)
	for _, file := range files {
		var specs struct {
			ArgumentSpecs map[string]struct {
				Options map[string]struct{ Type string }
			} `yaml:"argument_specs"`
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, yaml.Unmarshal(content, &specs))
		if option, known := specs.ArgumentSpecs["main"].Options[variable]; known {
			return option.Type
		}
	}
	return "local"
}
