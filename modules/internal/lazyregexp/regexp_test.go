// SPDX-License-Identifier: AGPL-3.0-or-later

package lazyregexp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

func TestRegexpIsCompiledOnce(t *testing.T) {
	version := lazyregexp.Regexp{Expr: `v(\d+)`}
	require.Equal(t, []string{"v3", "3"}, version.Get().FindStringSubmatch("traefik v3"))
	first := version.Get()
	require.Same(t, first, version.Get())
	wrong := lazyregexp.Regexp{Expr: `(`}
	require.Panics(t, func() { wrong.Get() })
}
