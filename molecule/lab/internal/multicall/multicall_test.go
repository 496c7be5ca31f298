// SPDX-License-Identifier: AGPL-3.0-or-later

package multicall_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/multicall"
)

func TestRun(t *testing.T) {
	cases := map[string]struct {
		reason string
		argv   []string
		want   int
	}{
		"a part":      {"with its own arguments", []string{"lab", "echo", "a"}, 0},
		"failed":      {"its error is reported", []string{"lab", "echo"}, 1},
		"no name":     {"the usage is printed", []string{"lab"}, 2},
		"no such one": {"the usage is printed", []string{"lab", "other"}, 2},
	}
	parts := map[string]multicall.Part{"echo": func(_ context.Context, args []string) error {
		if len(args) == 0 {
			return errors.New("nothing to say")
		}
		return nil
	}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, multicall.Run("lab", parts, c.argv), c.reason) })
	}
}
