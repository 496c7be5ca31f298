// SPDX-License-Identifier: AGPL-3.0-or-later

package file_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
)

// place is a folder with a file "precious", a folder "open" that everybody can
// write to, and one that only its owner can, "own".
func place(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(top, "precious"), []byte("precious"), 0o600))
	for name, mode := range map[string]fs.FileMode{"open": 0o777, "sticky": 0o777 | fs.ModeSticky, "own": 0o755, "kept": 0o755} {
		require.NoError(t, os.Mkdir(filepath.Join(top, name), 0o700))
		require.NoError(t, os.Chmod(filepath.Join(top, name), mode))
	}
	return top
}

func link(to, from string) func(*testing.T, string) {
	return func(t *testing.T, top string) {
		require.NoError(t, os.Symlink(strings.ReplaceAll(to, "TOP", top), filepath.Join(top, from)))
	}
}

func TestRefusedPaths(t *testing.T) {
	cases := map[string]struct {
		reason  string
		prepare func(*testing.T, string)
		path    string
		want    string
	}{
		"a link":            {"it leads to a file of root", link("TOP/precious", "open/r.html"), "open/r.html", "TOP/open/r.html is a link, not a regular file"},
		"one's own link":    {"even where nobody else could have created it", link("TOP/precious", "own/r.html"), "own/r.html", "TOP/own/r.html is a link, not a regular file"},
		"a link to nothing": {"a file would be created where it leads", link("TOP/kept/new", "open/r.html"), "open/r.html", "TOP/open/r.html is a link, not a regular file"},
		"a relative link":   {"it leads out of the folder", link("../precious", "open/r.html"), "open/r.html", "TOP/open/r.html is a link, not a regular file"},
		"a linked folder":   {"anybody could have created it", link("TOP/kept", "open/sub"), "open/sub/r.html", "TOP/open/sub goes through the link sub, which other users can change"},
		"a linked folder above": {"higher up as well", func(t *testing.T, top string) {
			require.NoError(t, os.Mkdir(filepath.Join(top, "kept", "deep"), 0o755))
			link("TOP/kept", "open/sub")(t, top)
		}, "open/sub/deep/r.html", "TOP/open/sub/deep goes through the link sub, which other users can change"},
		"a chain of links": {"a link of one's own leads to one in an open folder", func(t *testing.T, top string) {
			link("TOP/kept", "open/sub")(t, top)
			link("TOP/open/sub", "own/sub")(t, top)
		}, "own/sub/r.html", "TOP/own/sub goes through the link sub, which other users can change"},
		"a pipe": {"a write would wait for a reader", func(t *testing.T, top string) {
			require.NoError(t, syscall.Mkfifo(filepath.Join(top, "own/r.html"), 0o600))
		}, "own/r.html", "TOP/own/r.html is a pipe, not a regular file"},
		"a device": {"such as a disk", nil, "/dev/null", "/dev/null is a device, not a regular file"},
		"a folder": {"it is not a file", nil, "own", "TOP/own is a folder, not a regular file"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			top := place(t)
			if test.prepare != nil {
				test.prepare(t, top)
			}
			path := test.path
			if !filepath.IsAbs(path) {
				path = filepath.Join(top, path)
			}
			want := strings.ReplaceAll(test.want, "TOP", top)
			_, readErr := file.ReadOwn(path, 100)
			for step, err := range map[string]error{"check": file.CheckWrite(path), "write": file.Write(path, []byte("x"), 0o644), "read": readErr} {
				require.EqualError(t, err, want, "%s: %s", step, test.reason)
				require.Equal(t, fault.Denied, fault.KindOf(err))
				require.Equal(t, "give a regular file, or one that does not exist yet, by a path without links that other users can change", fault.HintOf(err))
			}
			data, err := os.ReadFile(filepath.Join(top, "precious"))
			require.NoError(t, err)
			require.Equal(t, "precious", string(data))
			left, err := filepath.Glob(filepath.Join(top, "*", ".new-*"))
			require.NoError(t, err)
			require.Empty(t, left)
			require.NoFileExists(t, filepath.Join(top, "kept", "new"))
			require.NoFileExists(t, filepath.Join(top, "kept", "r.html"))
		})
	}
}

func TestWrite(t *testing.T) {
	cases := map[string]struct {
		reason  string
		prepare func(*testing.T, string)
		path    string
		mode    fs.FileMode
	}{
		"a new file":             {"with the requested mode", nil, "own/r.html", 0o644},
		"in an open folder":      {"as in /tmp", nil, "sticky/r.html", 0o644},
		"through a trusted link": {"/var/run is such a link", link("TOP/kept", "own/sub"), "own/sub/r.html", 0o644},
		"relative links too":     {"/var/run leads to ../run on some systems", link("../kept", "own/sub"), "own/sub/r.html", 0o644},
		"one's own in /tmp":      {"others cannot rename it there", link("TOP/kept", "sticky/sub"), "sticky/sub/r.html", 0o644},
		"over another": {"it keeps the stricter permissions", func(t *testing.T, top string) {
			require.NoError(t, os.WriteFile(filepath.Join(top, "own/r.html"), []byte("old and longer"), 0o600))
			require.NoError(t, os.Chmod(filepath.Join(top, "own/r.html"), 0o640))
		}, "own/r.html", 0o640},
		"over a world-writable one": {"it gets no more permissions than requested", func(t *testing.T, top string) {
			require.NoError(t, os.WriteFile(filepath.Join(top, "own/r.html"), nil, 0o600))
			require.NoError(t, os.Chmod(filepath.Join(top, "own/r.html"), 0o777))
		}, "own/r.html", 0o644},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			top := place(t)
			if test.prepare != nil {
				test.prepare(t, top)
			}
			path := filepath.Join(top, test.path)
			require.NoError(t, file.CheckWrite(path))
			require.NoError(t, file.Write(path, []byte("new"), 0o644), test.reason)
			data, err := file.ReadOwn(path, 3)
			require.NoError(t, err)
			require.Equal(t, "new", string(data))
			about, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, test.mode, about.Mode().Perm(), test.reason)
			entries, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			for _, entry := range entries {
				require.NotContains(t, entry.Name(), ".new-", "no temporary file is left")
			}
		})
	}
}

// A second name of the file is another's: it keeps what it had.
func TestHardLinkIsNotWrittenThrough(t *testing.T) {
	top := place(t)
	path := filepath.Join(top, "open", "r.html")
	require.NoError(t, os.Link(filepath.Join(top, "precious"), path))
	require.NoError(t, file.Write(path, []byte("new"), 0o644))
	data, err := os.ReadFile(filepath.Join(top, "precious"))
	require.NoError(t, err)
	require.Equal(t, "precious", string(data))
}

// Somebody exchanges a folder for a link as fast as possible; what the link leads
// to never gets a file.
func TestNoRaceWithAnotherUser(t *testing.T) {
	top := place(t)
	open, kept := filepath.Join(top, "open"), filepath.Join(top, "kept")
	require.NoError(t, os.Mkdir(filepath.Join(open, "sub"), 0o777))
	require.NoError(t, os.Symlink(kept, filepath.Join(open, "link")))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = os.Rename(filepath.Join(open, "sub"), filepath.Join(open, "away"))
				_ = os.Rename(filepath.Join(open, "link"), filepath.Join(open, "sub"))
				_ = os.Rename(filepath.Join(open, "sub"), filepath.Join(open, "link"))
				_ = os.Rename(filepath.Join(open, "away"), filepath.Join(open, "sub"))
			}
		}
	}()
	written := 0
	for begin := time.Now(); time.Since(begin) < 500*time.Millisecond; {
		if file.Write(filepath.Join(open, "sub", "r.html"), []byte("x"), 0o644) == nil {
			written++
		}
	}
	close(stop)
	<-stopped
	require.Positive(t, written)
	left, err := os.ReadDir(kept)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestMissingFiles(t *testing.T) {
	top := place(t)
	for _, path := range []string{"own/none", "none/none"} {
		_, err := file.ReadOwn(filepath.Join(top, path), 10)
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.NoError(t, file.CheckWrite(filepath.Join(top, path)), "an earlier task may create it")
		require.NoError(t, file.Remove(filepath.Join(top, path)))
	}
	require.ErrorIs(t, file.Write(filepath.Join(top, "none/none"), nil, 0o600), fs.ErrNotExist)
}

func TestReadIsLimited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(path, []byte("1234"), 0o600))
	_, err := file.ReadOwn(path, 3)
	require.EqualError(t, err, path+" holds more than 3 bytes")
}

func TestFoldersArePrivate(t *testing.T) {
	top := place(t)
	deep := filepath.Join(top, "own", "a", "b")
	require.NoError(t, file.MakeFolder(deep))
	require.NoError(t, file.MakeFolder(deep))
	about, err := os.Stat(deep)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), about.Mode().Perm())
	link("TOP/kept", "open/sub")(t, top)
	require.ErrorContains(t, file.MakeFolder(filepath.Join(top, "open/sub/a")), "goes through the link sub")
	require.NoDirExists(t, filepath.Join(top, "kept/a"))
}

func TestRemoveDeletesTheLinkItself(t *testing.T) {
	top := place(t)
	link("TOP/precious", "open/r.html")(t, top)
	require.NoError(t, file.Remove(filepath.Join(top, "open/r.html")))
	require.FileExists(t, filepath.Join(top, "precious"))
}
