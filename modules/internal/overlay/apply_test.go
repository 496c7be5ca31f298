// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/overlay"
)

func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	parsed, err := overlay.Parse(text)
	require.NoError(t, err)
	return parsed
}

func TestApplyAndRevert(t *testing.T) {
	enabled := overlay.Setting{Path: []string{"tracing", "otlp", "enabled"}, Value: true}
	propagators := overlay.Setting{Path: []string{"env"}, Item: "OTEL_PROPAGATORS", Value: map[string]any{"name": "OTEL_PROPAGATORS", "value": "b3multi"}}
	format := overlay.Setting{Path: []string{"additionalArguments"}, Item: "accesslog.format", Value: "--accesslog.format=json"}
	zipkin := overlay.Setting{Path: []string{"tracing", "zipkin"}, Remove: true}
	cases := map[string]struct {
		reason   string
		before   string
		settings []overlay.Setting
		want     string
	}{
		"maps are made":           {"missing maps are created and removed again", "a: 1", []overlay.Setting{enabled}, "a: 1\ntracing: {otlp: {enabled: true}}"},
		"null stays null":         {"a null is restored as null", "tracing: null", []overlay.Setting{enabled}, "tracing: {otlp: {enabled: true}}"},
		"value replaced":          {"a previous value is restored", "tracing: {otlp: {enabled: false}, x: 1}", []overlay.Setting{enabled}, "tracing: {otlp: {enabled: true}, x: 1}"},
		"list made":               {"a missing list is created", "a: 1", []overlay.Setting{propagators}, "a: 1\nenv: [{name: OTEL_PROPAGATORS, value: b3multi}]"},
		"item added":              {"foreign items stay first", "env: [{name: TZ, value: UTC}]", []overlay.Setting{propagators}, "env: [{name: TZ, value: UTC}, {name: OTEL_PROPAGATORS, value: b3multi}]"},
		"item replaced":           {"an item of the same name is replaced in its place", "env: [{name: OTEL_PROPAGATORS, value: b3}, {name: TZ}]", []overlay.Setting{propagators}, "env: [{name: OTEL_PROPAGATORS, value: b3multi}, {name: TZ}]"},
		"flag in any case":        {"flags are compared without case, dashes and value", "additionalArguments: [-accessLog.Format=common, --ping]", []overlay.Setting{format}, "additionalArguments: [--accesslog.format=json, --ping]"},
		"last of several":         {"the last of several flags wins, so that one is replaced", "additionalArguments: [--accesslog.format=a, --accesslog.format=b]", []overlay.Setting{format}, "additionalArguments: [--accesslog.format=a, --accesslog.format=json]"},
		"removal":                 {"an unwanted value is removed and restored", "tracing: {zipkin: {httpEndpoint: x}}", []overlay.Setting{zipkin}, "tracing: {}"},
		"removal of nothing":      {"nothing is created for a removal", "a: 1", []overlay.Setting{zipkin}, "a: 1"},
		"removal of items":        {"all items of that name are removed", "additionalArguments: [--accesslog.format=a, --ping, --accesslog.format=b]", []overlay.Setting{{Path: []string{"additionalArguments"}, Item: "accesslog.format", Remove: true}}, "additionalArguments: [--ping]"},
		"default where it stands": {"a default does not replace a value", "a: 1", []overlay.Setting{{Path: []string{"a"}, Value: 2, Default: true}, {Path: []string{"b"}, Value: 2, Default: true}}, "a: 1\nb: 2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before := tree(t, c.before)
			applied, replaced, err := overlay.Apply(before, c.settings)
			require.NoError(t, err)
			require.Equal(t, tree(t, c.want), applied, c.reason)
			require.Equal(t, tree(t, c.before), before, "Apply works on a copy")

			again, _, err := overlay.Apply(applied, c.settings)
			require.NoError(t, err)
			require.Equal(t, applied, again, "applying twice changes nothing")

			if name == "removal of items" {
				return // their positions are not kept; see TestRevertRestoresRemovedItems
			}
			var stored []overlay.Previous
			record, err := json.Marshal(replaced)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(record, &stored))
			require.Equal(t, tree(t, c.before), overlay.Revert(applied, stored), "Revert restores the previous values")
		})
	}
}

func TestRevertKeepsLaterChanges(t *testing.T) {
	_, replaced, err := overlay.Apply(tree(t, "a: 1"), []overlay.Setting{
		{Path: []string{"tracing", "otlp", "enabled"}, Value: true},
		{Path: []string{"additionalArguments"}, Item: "ping", Value: "--ping"},
	})
	require.NoError(t, err)
	cases := map[string]struct{ reason, now, want string }{
		"foreign neighbour": {"a map with foreign keys is kept",
			"a: 2\ntracing: {otlp: {enabled: true}, x: 1}\nadditionalArguments: [--ping, --log]",
			"a: 2\ntracing: {x: 1}\nadditionalArguments: [--log]"},
		"changed value": {"a value that somebody changed is kept",
			"tracing: {otlp: {enabled: false}}\nadditionalArguments: [--ping=false]",
			"tracing: {otlp: {enabled: false}}\nadditionalArguments: [--ping=false]"},
		"gone": {"a value that is already gone is ignored", "b: 1", "b: 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tree(t, c.want), overlay.Revert(tree(t, c.now), replaced), c.reason)
		})
	}
}

func TestRevertRestoresRemovedItems(t *testing.T) {
	settings := []overlay.Setting{{Path: []string{"additionalArguments"}, Item: "accesslog.format", Remove: true}}
	applied, replaced, err := overlay.Apply(tree(t, "additionalArguments: [--accesslog.format=a, --ping]"), settings)
	require.NoError(t, err)
	require.Equal(t, tree(t, "additionalArguments: [--ping, --accesslog.format=a]"), overlay.Revert(applied, replaced))
}

func TestApplyRefusesWrongTypes(t *testing.T) {
	cases := map[string]struct {
		values  string
		setting overlay.Setting
		fault   string
	}{
		"scalar on the way": {"tracing: true", overlay.Setting{Path: []string{"tracing", "otlp", "enabled"}, Value: true}, "values tracing must be a map to hold otlp"},
		"no list":           {"env: {TZ: UTC}", overlay.Setting{Path: []string{"env"}, Item: "TZ", Value: "x"}, "values env must be a list"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := overlay.Apply(tree(t, c.values), []overlay.Setting{c.setting})
			require.EqualError(t, err, c.fault)
		})
	}
}
