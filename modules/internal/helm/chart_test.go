// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// archive packs a chart as helm package does.
func archive(t *testing.T, chart string, files map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipper := gzip.NewWriter(&packed)
	writer := tar.NewWriter(zipper)
	for _, path := range slices.Sorted(maps.Keys(files)) { // the same bytes each time, for their checksum
		text := files[path]
		require.NoError(t, writer.WriteHeader(&tar.Header{Name: chart + "/" + path, Mode: 0o644, Size: int64(len(text))}))
		_, err := writer.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, zipper.Close())
	return packed.Bytes()
}

// tempo is a chart of a few objects.
func tempo(t *testing.T, version string) []byte {
	t.Helper()
	return archive(t, "tempo", map[string]string{
		"Chart.yaml": `
apiVersion: v2
name: tempo
version: ` + version + `
appVersion: 2.9.0
kubeVersion: ">=1.20.0-0"
deprecated: true
dependencies: [{name: minio, version: 1.0.0, alias: store, condition: none}, {name: rollout-operator, version: 1.0.0, condition: none}]
`,
		"values.yaml": "replicas: 1\nnone: false\nconfig: {a: 1, b: 2}\n",
		"templates/config.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {version: {{ .Chart.Version | quote }}, config: {{ .Values.config | toJson | quote }}}
{{- if .Values.broken }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {ports: [{port: 99999}]}
{{- end }}
{{- if .Values.extra }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Values.extra }}}
data: {is: extra}
{{- end }}
`,
		"charts/minio/Chart.yaml":            "apiVersion: v2\nname: minio\nversion: 1.0.0\n",
		"charts/rollout-operator/Chart.yaml": "apiVersion: v2\nname: rollout-operator\nversion: 1.0.0\n",
	})
}

func TestFromArchive(t *testing.T) {
	chart, err := FromArchive(tempo(t, "1.2.3"))
	require.NoError(t, err)
	require.Equal(t, "tempo-1.2.3", chart.ID())
	require.Equal(t, "2.9.0", chart.AppVersion)
	require.Equal(t, ">=1.20.0-0", chart.KubeVersion)
	require.True(t, chart.Deprecated)
	require.Equal(t, map[string]any{"a": 1.0, "b": 2.0}, chart.Defaults["config"])
	require.Equal(t, []string{"minio", "store", "rollout-operator"}, chart.Subcharts)
	require.Equal(t, map[string]string{"minio": "store", "rollout-operator": "rollout-operator"}, chart.Keys)
	require.Len(t, chart.Templates, 1)
	require.Empty(t, Chart{}.ID())
	require.Equal(t, Chart{}, chartOf(nil))
	_, err = FromArchive([]byte("a page in HTML"))
	require.ErrorContains(t, err, "read the chart's archive: ")
}

func TestAssign(t *testing.T) {
	cases := map[string]struct {
		reason, key, value string
		plain              bool
		want               map[string]any
		err                string
	}{
		"plain":         {"--set knows numbers", "a.b", "1", true, map[string]any{"a": map[string]any{"b": int64(1), "c": "x"}}, ""},
		"as text":       {"--set-string does not", "a.b", "1", false, map[string]any{"a": map[string]any{"b": "1", "c": "x"}}, ""},
		"null":          {"it removes", "a.c", "null", true, map[string]any{"a": map[string]any{"c": nil}}, ""},
		"no usable key": {"the error does not quote the value", "a[", "hunter2", true, nil, "the key a[ cannot be set"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			values := map[string]any{"a": map[string]any{"c": "x"}}
			err := Assign(values, test.key, test.value, test.plain)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, values, test.reason)
		})
	}
}

func TestSetAndLookup(t *testing.T) {
	values := map[string]any{"a": "text", "b": map[string]any{"c": 1}}
	Set(values, 2, "b", "d", "e")
	Set(values, 3, "a", "f")
	require.Equal(t, map[string]any{"a": map[string]any{"f": 3}, "b": map[string]any{"c": 1, "d": map[string]any{"e": 2}}}, values)
	require.Equal(t, 2, Lookup(values, "b", "d", "e"))
	require.Nil(t, Lookup(values, "b", "x", "e"), "nothing on the way")
	require.Nil(t, Lookup(values, "b", "c", "e"), "a number on the way")
}

func TestObjectsOfAManifest(t *testing.T) {
	objects, err := Objects(`
# Source: tempo/templates/config.yaml
apiVersion: v1
kind: Service
metadata: {name: tempo, namespace: elsewhere}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: tempo}
data: {text: a}
---
# nothing but a comment
---
kind: List
`, "tracing")
	require.NoError(t, err)
	paths := []string{}
	for _, object := range objects {
		paths = append(paths, object.Namespace+": "+object.Path())
	}
	require.Equal(t, []string{"tracing: configmap/tempo", "elsewhere: service/tempo"}, paths)
	require.Equal(t, map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"text": "a"}, "metadata": map[string]any{
		"name": "tempo", "namespace": "tracing", "labels": map[string]any{"app.kubernetes.io/managed-by": "Helm"},
		"annotations": map[string]any{"meta.helm.sh/release-name": "t", "meta.helm.sh/release-namespace": "tracing"},
	}}, objects[0].Owned("t", "tracing"))
	_, err = Objects("a: b: c", "tracing")
	require.EqualError(t, err, "read the manifest of the release: a document in it is not YAML")
}
