// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestFailedKeepsTheKind(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		reason string
		ctx    context.Context
		err    error
		kind   fault.Kind
	}{
		"the chart":       {"Helm passes on what a template or a server said", t.Context(), errors.New("execution error at (tempo/templates/a.yaml): no"), fault.Rejected},
		"the API server":  {"it went away, and Helm keeps only the text", t.Context(), errors.New("Get \"https://k:6443/x\": dial tcp 127.0.0.1:6443: connect: connection refused"), fault.Unreachable},
		"our own wait":    {"it keeps its kind", t.Context(), fault.New(fault.Timeout, "", "wait for the pods"), fault.Timeout},
		"an interruption": {"the next run continues", interrupted, errors.New("release tempo failed"), fault.Timeout},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.kind, fault.KindOf(failed(test.ctx, "upgrade tempo", test.err)), test.reason)
		})
	}
}
