// SPDX-License-Identifier: AGPL-3.0-or-later

package passwords

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnsure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passwords.json")
	first, err := Ensure(path)
	require.NoError(t, err)
	require.Greater(t, len(first.Minio), 20)
	require.NotEqual(t, first.Minio, first.Grafana)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, err := Ensure(path)
	require.NoError(t, err)
	require.Equal(t, first, again, "a running server knows the first ones")

	require.NoError(t, os.WriteFile(path, []byte(`{"minio":"kept"}`), 0o600))
	older, err := Ensure(path)
	require.NoError(t, err)
	require.Equal(t, "kept", older.Minio)
	require.NotEmpty(t, older.Grafana)
}

func TestEnsureDoesNotReplaceADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passwords.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"minio":"S3CRET-CANARY`), 0o600))
	_, err := Ensure(path)
	require.ErrorContains(t, err, "lab down --purge")
	require.NotContains(t, err.Error(), "CANARY")
}
