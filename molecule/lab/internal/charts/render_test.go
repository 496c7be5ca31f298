// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
)

// object is one rendered Kubernetes object.
type object map[string]any

func (o object) id() string { return o.str("kind") + "/" + o.str("metadata", "name") }

// at walks maps and lists ("0" is the first item); nil when a step is missing.
func (o object) at(steps ...string) any {
	var found any = map[string]any(o)
	for _, step := range steps {
		switch v := found.(type) {
		case map[string]any:
			found = v[step]
		case []any:
			if len(v) == 0 {
				return nil
			}
			found = v[0]
		default:
			return nil
		}
	}
	return found
}

func (o object) str(steps ...string) string {
	s, _ := o.at(steps...).(string)
	return s
}

func (o object) list(steps ...string) []object {
	items, _ := o.at(steps...).([]any)
	var out []object
	for _, i := range items {
		if m, ok := i.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// chartOf assembles one version as Write would.
func chartOf(t *testing.T, name, version string) *chart.Chart {
	t.Helper()
	c, err := readCatalogue(sources.Files, name)
	require.NoError(t, err)
	for _, e := range c.Editions {
		if e.Version == version {
			ch, _, err := assemble(sources.Files, c, e)
			require.NoError(t, err)
			return ch
		}
	}
	require.Failf(t, "no such version", "%s %s", name, version)
	return nil
}

// tryRender renders as `helm template` does, schema included, for Kubernetes 1.34.
func tryRender(t *testing.T, ch *chart.Chart, release, namespace, values string) (map[string]object, error) {
	t.Helper()
	set, err := chartutil.ReadValues([]byte(values))
	require.NoError(t, err)
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.34.4", Major: "1", Minor: "34"}
	caps.APIVersions = append(caps.APIVersions, "policy/v1/PodDisruptionBudget")
	opts := chartutil.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(ch, set, opts, caps)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(ch, all)
	if err != nil {
		return nil, err
	}
	return objectsOf(t, files), nil
}

func objectsOf(t *testing.T, files map[string]string) map[string]object {
	t.Helper()
	out := map[string]object{}
	for name, text := range files {
		for _, doc := range strings.Split("\n"+text, "\n---") {
			var o object
			require.NoErrorf(t, yaml.Unmarshal([]byte(doc), &o), "%s:\n%s", name, doc)
			if len(o) > 0 {
				require.NotContains(t, out, o.id(), "rendered twice")
				out[o.id()] = o
			}
		}
	}
	return out
}

func render(t *testing.T, name, version, release, namespace, values string) map[string]object {
	t.Helper()
	out, err := tryRender(t, chartOf(t, name, version), release, namespace, values)
	require.NoError(t, err)
	return out
}

func readTestdata(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	return string(raw)
}
