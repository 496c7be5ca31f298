// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// A value of the wrong type is reported without Go's form, with a hint.
func TestValueOfTheWrongType(t *testing.T) {
	for name, test := range map[string]struct{ reason, answer, message string }{
		"a number": {"YAML turns digits into a number",
			"failed to create typed patch object (default/x; /v1, Kind=Secret): .stringData.pin: expected string, got &value.valueUnstructured{Value:7391982374}",
			"apply Secret default/x: failed to create typed patch object (default/x; /v1, Kind=Secret): .stringData.pin: expected string, got 7391982374"},
		"a map": {"it ends at the last brace",
			"failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data.x: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"a\":1}}",
			"apply Secret default/x: failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data.x: expected string, got a map"},
		"a list": {"one of several errors",
			"failed to create typed patch object (a/b; /v1, Kind=ConfigMap): errors:\n  .data.x: expected string, got []interface {}{\"a\"}\n  .data.y: expected string, got true",
			"apply Secret default/x: failed to create typed patch object (a/b; /v1, Kind=ConfigMap): errors:\n  .data.x: expected string, got a list\n  .data.y: expected string, got true"},
		"a text for a map": {"as Go prints a pointer",
			"failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data: expected map, got &{x}",
			"apply Secret default/x: failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data: expected map, got something else"},
	} {
		t.Run(name, func(t *testing.T) {
			err := applyFault("apply Secret default/x", errors.New(test.answer))
			require.EqualError(t, err, test.message, test.reason)
			require.Equal(t, fault.Rejected, fault.KindOf(err))
			require.Contains(t, fault.HintOf(err), "put them in quotes")
		})
	}
}

// Quotes do not help an unknown field.
func TestUnknownField(t *testing.T) {
	err := applyFault("apply ConfigMap default/x", errors.New("failed to create typed patch object (default/x; /v1, Kind=ConfigMap): .dat: field not declared in schema"))
	require.Equal(t, "this kind has no such field: check how it is spelled and how far it is indented (kubectl explain KIND --recursive)", fault.HintOf(err))
}

// Nor do they help against two variables of one name.
func TestDuplicateItems(t *testing.T) {
	err := applyFault("apply Deployment default/x", errors.New(`failed to create typed patch object (default/x; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="a"].env: duplicate entries for key [name="A"]`))
	require.Equal(t, "keep one of the items of that list that have this key: the last is the one that counted with kubectl apply", fault.HintOf(err))
}
