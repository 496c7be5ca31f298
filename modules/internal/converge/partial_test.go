// SPDX-License-Identifier: AGPL-3.0-or-later

package converge_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/converge"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// reporting is a toy whose client has something to return when the run fails.
type reporting struct{ toy }

type reportingClient struct{ *toyClient }

func (m *reporting) Connect(context.Context, toySpec) (converge.Client[toySpec, toyStatus], error) {
	return reportingClient{m.client()}, nil
}

func (reportingClient) Partial() map[string]any {
	return map[string]any{"seen": []string{"color"}, "msg": "not this one"}
}

func TestFailedRunReturnsPartialResult(t *testing.T) {
	module := &reporting{toy{newWorld(nil), toyFaults{fail: "label/color"}}}
	result := converge.NewRunner[toyArgs, toySpec, toyStatus](module).Run(context.Background(), wire.Request{Options: options()},
		func(string) (string, bool) { return "", false }, &secret.Redactor{}, &bytes.Buffer{})
	require.Equal(t, []string{"color"}, result["seen"])
	require.Equal(t, "write label/color: refused for ", result["msg"], "the engine's own keys are kept")
}
