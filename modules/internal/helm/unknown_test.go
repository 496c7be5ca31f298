// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Helm's own words would be: "tempo" has no deployed releases.
func TestRevisionWithStatusUnknown(t *testing.T) {
	_, err := (&Client{}).Preview(t.Context(), Release{Name: "tempo", Namespace: "tracing", Revision: 3, Status: Unknown}, Deployment{})
	require.EqualError(t, err, "change release tracing/tempo: its newest revision 3 has the status unknown: nobody recorded how it ended, and Helm does not go on from there")
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, "make it known with: helm rollback tempo 3 -n tracing, which applies again what that revision holds (helm history tempo -n tracing lists others), then run again", fault.HintOf(err))
}
