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

// talker is a toy that has something to tell when it fails.
type talker struct{ toy }

func (m *talker) Found() map[string]any {
	return map[string]any{"seen": []string{"color"}, "msg": "not this one"}
}

func TestAFailedModuleTellsWhatItFound(t *testing.T) {
	module := &talker{toy{world: map[string]string{}, fail: "label/color"}}
	result := converge.Adapt[toyArgs, toyState](module).Run(context.Background(), wire.Request{Options: options()},
		func(string) (string, bool) { return "", false }, &secret.Redactor{}, &bytes.Buffer{})
	require.Equal(t, []string{"color"}, result["seen"])
	require.Equal(t, "write label/color: refused for ", result["msg"], "the engine's own keys stay")
}
