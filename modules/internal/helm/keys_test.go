// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// likeTempo is a chart like Tempo's: no schema, parts passed on by toYaml, a
// configuration that is a template among the values.
var likeTempo = Chart{
	Name: "c", Subcharts: []string{"minio"},
	Defaults: map[string]any{
		"traces":      map[string]any{"zipkin": map[string]any{"enabled": false, "receiverConfig": map[string]any{}}},
		"storage":     map[string]any{"trace": map[string]any{"backend": "local"}},
		"distributor": map[string]any{"replicas": 1.0, "resources": map[string]any{}, "image": map[string]any{"tag": nil}},
		"config":      "storage:\n  {{- toYaml .Values.storage.trace.s3 | nindent 6 }}",
	},
	Templates: []string{
		`{{ with .Values.memcached.nodeSelector }}{{ toYaml . }}{{ end }}`,
		`{{ with .Values.distributor }}replicas: {{ .replicas }} {{ .hidden }}{{ end }}`,
	},
}

func TestUnknownKeys(t *testing.T) {
	cases := map[string]struct {
		reason string
		values map[string]any
		want   []string
	}{
		"known":             {"the key is in the defaults", tree(true, "traces", "zipkin", "enabled"), nil},
		"misspelt":          {"Helm ignores it silently", tree(true, "traces", "zipkinn", "enabled"), []string{"unknown key traces.zipkinn (did you mean traces.zipkin?)"}},
		"at the top":        {"no key looks like it", tree(1, "qqqqqq"), []string{"unknown key qqqqqq"}},
		"deep":              {"each level is compared", tree(true, "traces", "zipkin", "enable"), []string{"unknown key traces.zipkin.enable (did you mean traces.zipkin.enabled?)"}},
		"passed on":         {"toYaml takes every key", tree("b", "storage", "trace", "s3", "bucket"), nil},
		"beside passed on":  {"only below s3", tree("b", "storage", "trace", "s4", "bucket"), []string{"unknown key storage.trace.s4"}},
		"empty default":     {"an empty map takes every key", tree("1Gi", "distributor", "resources", "limits", "memory"), nil},
		"null default":      {"null takes anything", tree("v2", "distributor", "image", "tag"), nil},
		"only in templates": {"the defaults do not list every key that a chart reads", map[string]any{"memcached": map[string]any{"nodeSelector": map[string]any{"a": "b"}}}, nil},
		"below with":        {"inside with, a template names only the key", tree(1, "distributor", "hidden"), nil},
		"a subchart's":      {"its keys belong to another chart", tree(false, "minio", "enabled"), nil},
		"global":            {"every chart takes globals", tree("x", "global", "any"), nil},
		"not a map":         {"Helm drops the value and only logs it", map[string]any{"traces": "on"}, []string{"traces must be a dictionary: the chart has one there, and ignores anything else"}},
		"null for a map":    {"null removes the defaults, which is allowed", map[string]any{"traces": nil}, nil},
		"several, sorted":   {"the order of the message is stable", map[string]any{"zzz": 1, "aaa": 1}, []string{"unknown key aaa", "unknown key zzz"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, likeTempo.UnknownKeys(test.values), test.reason) })
	}
}

func tree(value any, path ...string) map[string]any {
	values := map[string]any{}
	Set(values, value, path...)
	return values
}
