// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// counted is a variable whose length is asked for as it came.
var counted = regexp.MustCompile(`\b([a-z]\w*)\s*(?:\|\s*default\([^)]*\)\s*)?\|\s*(?:length|count)\b`)

// A text may be a number where nobody has quoted it, a password or a name of
// digits for instance, and a number has no length.
func TestRolesAskNoNumberForItsLength(t *testing.T) {
	files := 0
	require.NoError(t, filepath.Walk(filepath.Join(root, "roles"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !regexp.MustCompile(`/(tasks|defaults|vars|handlers|templates)/`).MatchString(path) {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, found := range counted.FindAllStringSubmatch(string(content), -1) {
			kind := kindOf(t, path, found[1])
			require.Contains(t, []string{"dict", "list", "local"}, kind, "%s: %s is a %s: ask for %s | string | length", path, found[0], kind, found[1])
		}
		return nil
	}))
	require.Greater(t, files, 20)
}

// kindOf is a variable's type in the role's argument specs; "local" is a
// variable of the role itself, which begins with an underscore.
func kindOf(t *testing.T, path, variable string) string {
	t.Helper()
	role := strings.Split(strings.TrimPrefix(filepath.ToSlash(path), root+"/roles/"), "/")[0]
	var specs struct {
		ArgumentSpecs map[string]struct {
			Options map[string]struct{ Type string }
		} `yaml:"argument_specs"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "roles/"+role+"/meta/argument_specs.yml"), &specs))
	option, known := specs.ArgumentSpecs["main"].Options[variable]
	if !known {
		return "local"
	}
	return option.Type
}
