// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the top of the repository, seen from this package.
const root = "../../.."

// files lists what git knows or would take in, below a folder and with an
// ending.
func files(t *testing.T, folder, ending string) []string {
	t.Helper()
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", folder)
	command.Dir = root
	out, err := command.Output()
	require.NoError(t, err, "git lists the files of %s", folder)
	var found []string
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if strings.HasSuffix(name, ending) && exists(name) {
			found = append(found, name)
		}
	}
	require.NotEmpty(t, found, "no %s below %s: the test would prove nothing", ending, folder)
	return found
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return data
}

func TestEveryFileNamesItsLicence(t *testing.T) {
	cases := map[string]struct{ folder, ending, licence string }{
		"go of the product":  {"modules", ".go", "AGPL-3.0-or-later"},
		"go of the lab":      {"molecule/lab", ".go", "AGPL-3.0-or-later"},
		"python of plug-ins": {"plugins", ".py", "GPL-3.0-or-later"},
		"roles":              {"roles", "main.yml", "AGPL-3.0-or-later"},
		"playbooks":          {"playbooks", ".yml", "AGPL-3.0-or-later"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			for _, file := range files(t, test.folder, test.ending) {
				lines := bytes.SplitN(read(t, file), []byte("\n"), 5)
				head := bytes.Join(lines[:len(lines)-1], []byte("\n"))
				require.Contains(t, string(head), "SPDX-License-Identifier: "+test.licence, file)
			}
		})
	}
}

// The limit is where a file stops being one subject; most are a third of it.
func TestFilesStayShort(t *testing.T) {
	const limit = 300
	for _, file := range append(files(t, "modules", ".go"), files(t, "plugins/plugin_utils", ".py")...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		require.LessOrEqual(t, bytes.Count(read(t, file), []byte("\n")), limit, "%s holds more than one subject", file)
	}
}
