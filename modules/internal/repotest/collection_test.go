// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/modules/internal/plugindoc"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/rights"
)

func modules() []string { return slices.Sorted(maps.Keys(registry.Modules)) }

func TestEveryModuleHasItsFiles(t *testing.T) {
	for _, module := range modules() {
		for _, file := range []string{"options.go", "spec.go", "status.go", "plan.go", "steps.go", "module.go", "doc.yml"} {
			require.True(t, exists(filepath.Join("modules", module, file)), "modules/%s/%s", module, file)
		}
	}
}

func TestPluginDocsAreGeneratedFromTheTables(t *testing.T) {
	for _, module := range modules() {
		want, err := plugindoc.Render(module, registry.Modules[module]().Options(), filepath.Join(root, "modules", module, "doc.yml"))
		require.NoError(t, err)
		requireGenerated(t, "plugins/modules/"+module+".py", string(want))
	}
}

func TestDocumentationFragmentsAreGenerated(t *testing.T) {
	pages, err := plugindoc.Fragments()
	require.NoError(t, err)
	require.Len(t, pages, 2)
	for name, want := range pages {
		requireGenerated(t, name, want)
	}
}

func TestRightsPageAndManifestsAreGenerated(t *testing.T) {
	known := []string{"minio_tempo_bucket"} // at MinIO
	for _, module := range rights.Modules {
		known = append(known, module.Name)
	}
	require.ElementsMatch(t, modules(), known, "modules/internal/rights")
	for name, want := range rights.Files() {
		requireGenerated(t, name, want)
	}
}

func TestMapOfPackagesIsGenerated(t *testing.T) {
	page := read(t, "CONTRIBUTING.md")
	want, err := plugindoc.WithPackageMap(page, root, plugindoc.GoFolders...)
	require.NoError(t, err)
	requireGenerated(t, "CONTRIBUTING.md", string(want))
}

func TestEveryModuleHasAnActionPluginAndIsInTheActionGroup(t *testing.T) {
	var runtime struct {
		ActionGroups map[string][]string `yaml:"action_groups"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "meta/runtime.yml"), &runtime))
	require.ElementsMatch(t, modules(), runtime.ActionGroups["tracing"], "meta/runtime.yml")
	for _, module := range modules() {
		require.True(t, exists("plugins/action/"+module+".py"), "plugins/action/%s.py", module)
	}
}

// The rows of a table are what users read, so each says something.
func TestEveryOptionIsDocumented(t *testing.T) {
	for _, module := range modules() {
		for _, row := range registry.Modules[module]().Options().Options {
			require.NotEmpty(t, row.Doc, "%s: %s", module, row.Name)
			for _, inner := range row.Suboptions {
				require.NotEmpty(t, inner.Doc, "%s: %s.%s", module, row.Name, inner.Name)
			}
		}
	}
}

func TestRoleDefaultsAreInTheArgumentSpecs(t *testing.T) {
	for _, file := range files(t, "roles", "defaults/main.yml") {
		role := filepath.Dir(filepath.Dir(file))
		var defaults map[string]any
		require.NoError(t, yaml.Unmarshal(read(t, file), &defaults))
		var specs struct {
			Specs map[string]struct {
				Options map[string]any `yaml:"options"`
			} `yaml:"argument_specs"`
		}
		require.NoError(t, yaml.Unmarshal(read(t, filepath.Join(role, "meta/argument_specs.yml")), &specs))
		for name := range defaults {
			require.Contains(t, specs.Specs["main"].Options, name, "%s: a default without a line in argument_specs", role)
			require.True(t, strings.HasPrefix(name, filepath.Base(role)+"_"), "%s: %s does not begin with the role's name", role, name)
		}
		require.True(t, exists(filepath.Join(role, "README.md")), "%s has no README.md", role)
	}
}
