// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

func TestRedactedHidesTheValuesOfASecret(t *testing.T) {
	before, after := redacted("Secret",
		map[string]any{"data": map[string]any{"same": "YQ==", "password": "Yg==", "goes": "Yw=="}, "type": "Opaque"},
		map[string]any{"data": map[string]any{"same": "YQ==", "password": "ZA==", "comes": "ZQ=="}, "type": "Opaque"})
	require.Equal(t, map[string]any{"data": map[string]any{"same": "***", "password": "*** (before)", "goes": "*** (before)"}, "type": "Opaque"}, before)
	require.Equal(t, map[string]any{"data": map[string]any{"same": "***", "password": "*** (after)", "comes": "*** (after)"}, "type": "Opaque"}, after)
}

func TestRedactedHidesVariablesNamedLikeASecret(t *testing.T) {
	pod := map[string]any{"containers": []any{map[string]any{"name": "web", "env": []any{
		map[string]any{"name": "DB_PASSWORD", "value": "hunter2"}, map[string]any{"name": "WEB_PORT", "value": "8080"},
	}}}}
	_, after := redacted("Deployment", nil, pod)
	require.Equal(t, map[string]any{"containers": []any{map[string]any{"name": "web", "env": []any{
		map[string]any{"name": "DB_PASSWORD", "value": "***"}, map[string]any{"name": "WEB_PORT", "value": "8080"},
	}}}}, after)
}

func TestRedactedErrorHidesASecretInARefusal(t *testing.T) {
	manifest := object(t, `{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {key: aHVudGVyMg==}}`)
	err := kube.Redacted(manifest.Object, fault.New(fault.Rejected, "do", "apply Secret s: invalid value hunter2 (aHVudGVyMg==)"))
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), "aHVudGVyMg==")
	require.Equal(t, fault.Rejected, fault.KindOf(err))
	require.Equal(t, "do", fault.HintOf(err))
}

func TestRedactedMasksWhatIsNotTextInASecret(t *testing.T) {
	_, after := redacted("Secret", nil, map[string]any{"stringData": map[string]any{"pin": int64(7391982374), "deep": map[string]any{"a": "hunter2"}}})
	require.Equal(t, map[string]any{"stringData": map[string]any{"pin": "*** (after)", "deep": "*** (after)"}}, after)
}

func TestRedactedHidesValuesInAText(t *testing.T) {
	before, after := redacted("HelmChartConfig",
		map[string]any{"spec": map[string]any{"valuesContent": "port: 1\nenv:\n- name: API_TOKEN\n  value: hunter2\n"}},
		map[string]any{"spec": map[string]any{"valuesContent": "port: 2\nenv:\n- name: API_TOKEN\n  value: hunter2\n"}})
	require.Equal(t, map[string]any{"spec": map[string]any{"valuesContent": "env:\n- name: API_TOKEN\n  value: '***'\nport: 1\n"}}, before)
	require.Equal(t, map[string]any{"spec": map[string]any{"valuesContent": "env:\n- name: API_TOKEN\n  value: '***'\nport: 2\n"}}, after)
}

func TestRedactedErrorKnowsEveryValueOfAManifest(t *testing.T) {
	cases := map[string]struct{ reason, manifest, refusal, want string }{
		"a number": {"typed without quotes", `{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {pin: 7391982374}}`,
			"expected string, got &value.valueUnstructured{Value:7391982374}", "expected string, got &value.valueUnstructured{Value:VALUE_SPECIFIED_IN_NO_LOG_PARAMETER}"},
		"a large number": {"as Go prints it", `{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {pin: 73919823740000000000000}}`,
			"got 7.391982374e+22", "got VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
		"a nested value": {"the whole map is refused", `{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: {b: [hunter2]}}}`,
			"map[b:[hunter2]]", "map[b:[VALUE_SPECIFIED_IN_NO_LOG_PARAMETER]]"},
		"text in data": {"no base64", `{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: "hunter2!"}}`,
			"illegal base64: hunter2!", "illegal base64: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
		"a variable": {"of another kind", `{apiVersion: v1, kind: Pod, metadata: {name: s}, spec: {containers: [{env: [{name: DB_PASSWORD, value: hunter2}]}]}}`,
			"got hunter2", "got VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
		"values": {"of a chart", `{apiVersion: helm.cattle.io/v1, kind: HelmChartConfig, metadata: {name: s}, spec: {valuesContent: "a: 1\napiKey: hunter2\n"}}`,
			"got hunter2", "got VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := kube.Redacted(object(t, test.manifest).Object, fault.New(fault.Rejected, "do", "%s", test.refusal))
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, "do", fault.HintOf(err))
		})
	}
}
