// SPDX-License-Identifier: AGPL-3.0-or-later

package digest

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

func TestFits(t *testing.T) {
	stored, err := New(secret.NewText("pass"))
	require.NoError(t, err)
	again, err := New(secret.NewText("pass"))
	require.NoError(t, err)
	require.NotEqual(t, stored, again, "each has its own salt")
	require.NotContains(t, stored, "pass")
	require.True(t, Fits(stored, secret.NewText("pass")))
	require.False(t, Fits(stored, secret.NewText("other")))
	for _, broken := range []string{"", "$", "nonsense", "AAAA$", "$AAAA"} {
		require.False(t, Fits(broken, secret.NewText("pass")), broken)
	}
}

// TestStoredDigestStillFits holds a digest that an earlier release has written.
func TestStoredDigestStillFits(t *testing.T) {
	require.True(t, Fits("AAECAwQFBgcICQoL$/IHy9p7PYkEZa69atg7gj+4R+0bTtvQXsuM32LWz9a8", secret.NewText("pass")))
}

func TestFolder(t *testing.T) {
	kept := map[string]string{"password": "salt$sum"}
	tests := map[string]struct {
		reason      string
		thing       string
		id, version int64
		want        map[string]string
	}{
		"the same":       {"unchanged since the write", "org 1/tempo", 7, 3, kept},
		"newer":          {"the object was changed since", "org 1/tempo", 7, 9, kept},
		"older":          {"a backup of the server was restored", "org 1/tempo", 7, 2, nil},
		"another number": {"it was deleted and recreated", "org 1/tempo", 8, 3, nil},
		"another thing":  {"nothing is recorded for it", "org 2/tempo", 7, 3, nil},
	}
	folder := Folder{Path: filepath.Join(t.TempDir(), "a", "b"), Server: "https://g"}
	require.NoError(t, folder.Ready())
	require.NoError(t, folder.Keep(Page{Thing: "org 1/tempo", ID: 7, Version: 3, Digests: kept}))
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := folder.Recall(tc.thing, tc.id, tc.version)
			require.NoError(t, err)
			require.Equal(t, tc.want, got, tc.reason)
		})
	}
	other, err := Folder{Path: folder.Path, Server: "https://other"}.Recall("org 1/tempo", 7, 3)
	require.NoError(t, err)
	require.Nil(t, other, "servers are distinguished")
	require.NoError(t, folder.Forget("org 1/tempo"))
	require.NoError(t, folder.Forget("org 1/tempo"))
	gone, err := folder.Recall("org 1/tempo", 7, 3)
	require.NoError(t, err)
	require.Nil(t, gone)
}

func TestFolderIsPrivate(t *testing.T) {
	folder := Folder{Path: filepath.Join(t.TempDir(), "digests"), Server: "s"}
	require.NoError(t, folder.Ready())
	require.NoError(t, folder.Keep(Page{Thing: "t", Digests: map[string]string{"a": "b"}}))
	require.NoError(t, folder.Keep(Page{Thing: "t", Digests: map[string]string{"a": "c"}}))
	entries, err := os.ReadDir(folder.Path)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside it")
	about, err := entries[0].Info()
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), about.Mode().Perm())
	about, err = os.Stat(folder.Path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), about.Mode().Perm())
}

func TestUnusableFolders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	folder := Folder{Path: filepath.Join(file, "below")}
	for name, err := range map[string]error{"ready": folder.Ready(), "keep": folder.Keep(Page{Thing: "t"})} {
		require.Equal(t, fault.Denied, fault.KindOf(err), name)
		require.Equal(t, "name a folder that this user may read and write, on this host and not on a shared one", fault.HintOf(err), name)
	}
	_, err := folder.Recall("t", 1, 1)
	require.ErrorContains(t, err, "read the digests of t: ")
	require.ErrorContains(t, folder.Forget("t"), "forget the digests of t: ")
}

func TestUnreadableFileIsIgnored(t *testing.T) {
	folder := Folder{Path: t.TempDir(), Server: "s"}
	require.NoError(t, os.WriteFile(folder.file("t"), []byte("{"), 0o600))
	got, err := folder.Recall("t", 1, 1)
	require.NoError(t, err)
	require.Nil(t, got, "the secret is written again, and so is the file")
}

// Whoever may write to the folder can put something else under a digest's name.
func TestOnlyRegularFilesAreUsed(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "precious")
	require.NoError(t, os.WriteFile(precious, []byte(`{"digests":{"a":"b"},"id":1,"version":1}`), 0o600))
	cases := map[string]struct {
		make func(name string) error
		want string
	}{
		"a link": {func(name string) error { return os.Symlink(precious, name) }, "is a link, not a regular file"},
		"a pipe": {func(name string) error { return syscall.Mkfifo(name, 0o600) }, "is a pipe, not a regular file"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			folder := Folder{Path: t.TempDir(), Server: "s"}
			require.NoError(t, os.Chmod(folder.Path, 0o777))
			require.NoError(t, test.make(folder.file("t")))
			_, err := folder.Recall("t", 1, 1)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, folder.Keep(Page{Thing: "t"}), test.want)
			require.NoError(t, folder.Forget("t"))
		})
	}
	data, err := os.ReadFile(precious)
	require.NoError(t, err)
	require.Contains(t, string(data), `"version":1`)
}

func TestFolderBehindAForeignLink(t *testing.T) {
	open, kept := t.TempDir(), t.TempDir()
	require.NoError(t, os.Chmod(open, 0o777))
	require.NoError(t, os.Symlink(kept, filepath.Join(open, "digests")))
	folder := Folder{Path: filepath.Join(open, "digests"), Server: "s"}
	require.ErrorContains(t, folder.Ready(), "goes through the link digests, which other users can change")
	require.ErrorContains(t, folder.Keep(Page{Thing: "t"}), "goes through the link digests")
	left, err := os.ReadDir(kept)
	require.NoError(t, err)
	require.Empty(t, left)
}
