// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// A value of the wrong type is told without Go's name for it, with what to do.
func TestAValueOfTheWrongType(t *testing.T) {
	for name, test := range map[string]struct{ reason, said, told string }{
		"a number": {"YAML makes it of digits",
			"failed to create typed patch object (default/x; /v1, Kind=Secret): .stringData.pin: expected string, got &value.valueUnstructured{Value:7391982374}",
			"apply Secret default/x: failed to create typed patch object (default/x; /v1, Kind=Secret): .stringData.pin: expected string, got 7391982374"},
		"a map": {"its end is the last brace",
			"failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data.x: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"a\":1}}",
			"apply Secret default/x: failed to create typed patch object (a/b; /v1, Kind=ConfigMap): .data.x: expected string, got map[string]interface {}{\"a\":1}"},
	} {
		t.Run(name, func(t *testing.T) {
			err := applyFault("apply Secret default/x", errors.New(test.said))
			require.EqualError(t, err, test.told, test.reason)
			require.Equal(t, fault.Rejected, fault.KindOf(err))
			require.Contains(t, fault.HintOf(err), "put them in quotes")
		})
	}
}
