// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/wire"
)

// An example that its own module refuses is worse than none. What a template
// gives is known only in a run, so that a text stands in for it.
func TestModulesAcceptTheirExamples(t *testing.T) {
	for _, module := range modules() {
		taken := 0
		for _, task := range examples(t, module) {
			for key, arguments := range task {
				name, ours := strings.CutPrefix(key, "picluster.tracing.")
				if !ours {
					continue
				}
				require.Contains(t, registry.Modules, name, "%s: %v", module, task["name"])
				table := registry.Modules[name]().Options()
				given, _ := arguments.(map[string]any) // nothing is an example too
				_, err := table.Decode(settled(table.Options, given), func(string) (string, bool) { return "", false })
				require.NoError(t, err, "%s: %v", module, task["name"])
				taken++
			}
		}
		require.GreaterOrEqual(t, taken, 2, "%s has too few examples", module)
	}
}

func examples(t *testing.T, module string) []map[string]any {
	t.Helper()
	var doc struct {
		Examples string `json:"examples"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "modules/"+module+"/doc.yml"), &doc))
	var tasks []map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(doc.Examples), &tasks), module)
	return asWire(t, tasks)
}

// asWire has the numbers as a request brings them.
func asWire(t *testing.T, tasks []map[string]any) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, task := range tasks {
		text, err := json.Marshal(task)
		require.NoError(t, err)
		request, err := wire.ReadRequest(strings.NewReader(string(text)))
		require.NoError(t, err)
		out = append(out, request.Options)
	}
	return out
}

// settled leaves out what only a template knows, unless it is a text.
func settled(rows []option.Option, arguments map[string]any) map[string]any {
	left := map[string]any{}
	for name, value := range arguments {
		text, isText := value.(string)
		if isText && strings.Contains(text, "{{") && !takesText(rows, name) {
			continue
		}
		left[name] = value
	}
	return left
}

func takesText(rows []option.Option, name string) bool {
	for _, row := range rows {
		for _, known := range append([]string{row.Name}, row.Aliases...) {
			if known == name {
				return row.Type == option.Text && row.Check == nil || row.Required
			}
		}
	}
	return true // an unknown name has to be refused
}
