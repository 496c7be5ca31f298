// SPDX-License-Identifier: AGPL-3.0-or-later

package ports

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAssign(t *testing.T) {
	taken := listen(t)
	cases := map[string]struct {
		reason string
		have   Table
		runs   bool
		keeps  bool
	}{
		"new":             {reason: "a server without a port gets one", have: Table{}},
		"kept":            {reason: "a free port is kept", have: Table{"minio": unused(t)}, keeps: true},
		"own and running": {reason: "the lab's own server holds its port", have: Table{"minio": taken}, runs: true, keeps: true},
		"taken":           {reason: "another process uses the port", have: Table{"minio": taken}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before := c.have["minio"]
			require.NoError(t, c.have.Assign([]string{"minio"}, func(string) bool { return c.runs }), c.reason)
			require.Equal(t, c.keeps, c.have["minio"] == before, c.reason)
			require.NotZero(t, c.have["minio"], c.reason)
		})
	}
}

func TestAssignGivesEachNameItsOwnPort(t *testing.T) {
	table := Table{}
	require.NoError(t, table.Assign([]string{"a", "b", "c", "d"}, func(string) bool { return false }))
	seen := map[int]bool{}
	for _, port := range table {
		require.False(t, seen[port])
		seen[port] = true
		require.GreaterOrEqual(t, port, 20000)
		require.Less(t, port, 32000)
	}
	require.Len(t, seen, 4)
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports.json")
	none, err := Load(path)
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, Table{"minio": 20001}.Save(path))
	saved, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, Table{"minio": 20001}, saved)
	require.NoError(t, os.WriteFile(path, []byte("{half"), 0o600))
	damaged, err := Load(path)
	require.NoError(t, err, "a damaged file is replaced by new ports")
	require.Empty(t, damaged)
}

func listen(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func unused(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
