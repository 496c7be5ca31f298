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
		"a page":          {"a login answers in its place, and Helm keeps only the text", t.Context(), errors.New("failed to create patch: unable to get data for current object a/b: Get \"https://k:6443/x\": the answer is an HTML page, which is not Kubernetes'"), fault.Rejected},
		"an array":        {"another program answers", t.Context(), errors.New("cannot patch \"a\" with kind Deployment: Patch \"https://k:6443/x\": the answer is JSON but no object, which is not Kubernetes'"), fault.Rejected},
		"an ended answer": {"a proxy ended it", t.Context(), errors.New("failed to create patch: Get \"https://k:6443/x\": the connection was closed without an answer"), fault.Unreachable},
		"half an answer":  {"a proxy ended it", t.Context(), errors.New("failed to create patch: Get \"https://k:6443/x\": the connection broke off in the middle of the answer"), fault.Unreachable},
		"no answer":       {"it hangs", t.Context(), errors.New("failed to create patch: Get \"https://k:6443/x\": the server took the connection and said nothing for 30s"), fault.Timeout},
		"no time":         {"it hangs", t.Context(), errors.New("failed to create patch: Get \"https://k:6443/x\": context deadline exceeded"), fault.Timeout},
		"our own wait":    {"it keeps its kind", t.Context(), fault.New(fault.Timeout, "", "wait for the pods"), fault.Timeout},
		"an interruption": {"the next run continues", interrupted, errors.New("release tempo failed"), fault.Timeout},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := failed(test.ctx, "upgrade tempo", test.err)
			require.Equal(t, test.kind, fault.KindOf(err), test.reason)
			if name != "the chart" && name != "our own wait" { // they have said it all
				require.NotEmpty(t, fault.HintOf(err), test.reason)
			}
		})
	}
}
