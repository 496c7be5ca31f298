// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

const twoDocuments = `# a comment and an empty document first
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`

func names(manifests []manifest) []string {
	var all []string
	for _, one := range manifests {
		all = append(all, kube.RefOf(one.object).String())
	}
	return all
}

func TestRead(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"20-web.yaml":   twoDocuments,
		"10-first.json": `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"json"}}`,
		"README.md":     "# not a manifest",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	configMap := func(name string) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}}
	}
	cases := map[string]struct {
		reason string
		args   Args
		want   []string
	}{
		"documents":  {"namespaces come first, comments are skipped", Args{Definition: twoDocuments}, []string{"Namespace shop", "Service shop/web"}},
		"dictionary": {"as Ansible users write it", Args{Definition: configMap("a")}, []string{"ConfigMap a"}},
		"list":       {"texts and dictionaries mixed", Args{Definition: []any{configMap("a"), twoDocuments}}, []string{"Namespace shop", "ConfigMap a", "Service shop/web"}},
		"kind List":  {"as kubectl get -o yaml writes it", Args{Definition: map[string]any{"kind": "List", "apiVersion": "v1", "items": []any{configMap("a"), configMap("b")}}}, []string{"ConfigMap a", "ConfigMap b"}},
		"folder":     {"manifests only, in the order of their names", Args{Src: []string{folder}}, []string{"Namespace shop", "ConfigMap json", "Service shop/web"}},
		"same twice": {"a folder and a file in it", Args{Src: []string{folder, filepath.Join(folder, "10-first.json")}}, []string{"Namespace shop", "ConfigMap json", "Service shop/web"}},
		"one name": {"another kind or namespace is another object", Args{Definition: twoDocuments + "---\n{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\n{apiVersion: example.net/v1, kind: Service, metadata: {name: web}}\n"},
			[]string{"Namespace shop", "Service shop/web", "Service web", "Service web"}},
		"file": {"one file", Args{Src: []string{filepath.Join(folder, "10-first.json")}}, []string{"ConfigMap json"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := read(test.args)
			require.NoError(t, err)
			require.Equal(t, test.want, names(got), test.reason)
		})
	}
}

func TestReadRefuses(t *testing.T) {
	cases := map[string]struct {
		reason     string
		definition any
		want       string
	}{
		"empty":     {"an empty list is a mistake", "---\n", "read the manifests: they are empty"},
		"no kind":   {"the error names what is missing", `{apiVersion: v1, metadata: {name: a}}`, "read manifest document 1 of definition: kind is missing"},
		"no name":   {"in the second document", "apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\napiVersion: v1\nkind: B\n", "read manifest document 2 of definition: metadata.name is missing"},
		"key twice": {"the second would win silently", "apiVersion: v1\nkind: A\nkind: B\n", "read manifest document 1 of definition: it is not a YAML map with each key once, see line 3"},
		"not YAML":  {"the text is never quoted", "password: [hunter2", "read manifest document 1 of definition: it is not a YAML map with each key once, see line 1"},
		"a number":  {"neither text nor map", int64(3), "read manifest definition: it is neither text nor a dictionary nor a list of them"},
		"digits as a name": {"a name must be text", map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": 5}},
			"read manifest definition: metadata.name must be a string: put it in quotes"},
		"digits as a namespace": {"otherwise it would silently go to the default namespace", "apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: 7}",
			"read manifest document 1 of definition: metadata.namespace must be a string: put it in quotes"},
		"a switch as a namespace": {"YAML turns on into a boolean", map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": "a", "namespace": true}},
			"read manifest definition: metadata.namespace must be a string: put it in quotes"},
		"a number as version":   {"apiVersion must be text", "{apiVersion: 1, kind: A, metadata: {name: a}}", "read manifest document 1 of definition: apiVersion must be a string: put it in quotes"},
		"a list as kind":        {"kind must be text", "{apiVersion: v1, kind: [A], metadata: {name: a}}", "read manifest document 1 of definition: kind must be a string"},
		"a text as metadata":    {"metadata must be a map", "{apiVersion: v1, kind: A, metadata: a}", "read manifest document 1 of definition: metadata must be a dictionary"},
		"a List without a list": {"items must be a list", "{apiVersion: v1, kind: List, items: {a: 1}}", "read manifest document 1 of definition: items must be a list"},
		"one object twice": {"the two would overwrite each other in every run", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: c}}",
			"read the manifests: ConfigMap a is described twice, in document 1 of definition and in document 2 of definition"},
		"in two versions": {"it is the same object", []any{map[string]any{"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": map[string]any{"name": "a"}}, map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "a"}}},
			"read the manifests: Deployment a is described twice, in definition[0] and in definition[1]"},
		"item unusable": {"the error says which", []any{map[string]any{"kind": "A"}}, "read manifest definition[0]: apiVersion is missing"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := read(Args{Definition: test.definition})
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, fault.Usage, fault.KindOf(err))
			require.NotEmpty(t, fault.HintOf(err))
		})
	}
	_, err := read(Args{Src: []string{"/no/such/folder"}})
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestReadGivesNumbersTheTypesOfTheAPI(t *testing.T) {
	got, err := read(Args{Definition: map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": "a"}, "spec": map[string]any{"replicas": float64(2), "ratio": 0.5}}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"replicas": int64(2), "ratio": 0.5}, got[0].object.Object["spec"])
}

func TestReadEncodesTheTextsOfASecret(t *testing.T) {
	got, err := read(Args{Definition: `{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: YQ==}, stringData: {b: bee}}`})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": "YQ==", "b": "YmVl"}, got[0].object.Object["data"])
	require.NotContains(t, got[0].object.Object, "stringData")
}

func TestValidatePrune(t *testing.T) {
	labelled := `{apiVersion: v1, kind: A, metadata: {name: a, labels: {app: x}}}`
	cases := map[string]struct{ definition, prune, want string }{
		"no pruning": {`{apiVersion: v1, kind: A, metadata: {name: a}}`, "", ""},
		"all match":  {labelled, "app=x", ""},
		"one does not": {labelled + "\n---\n" + `{apiVersion: v1, kind: B, metadata: {name: b}}`, "app=x",
			`manifest B b in document 2 of definition does not match prune "app=x"`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			manifests, err := read(Args{Definition: test.definition})
			require.NoError(t, err)
			err = validatePrune(manifests, test.prune)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
}
