// SPDX-License-Identifier: AGPL-3.0-or-later

package file_test

import (
	"net"
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

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		make   func(t *testing.T, path string)
		says   string
		kind   fault.Kind
	}{
		"a file": {"it is read", func(t *testing.T, path string) { write(t, path, 8) }, "", ""},
		"a link": {"it is followed, as Kubernetes mounts tokens", func(t *testing.T, path string) {
			write(t, path+".1", 8)
			require.NoError(t, os.Symlink(path+".1", path))
		}, "", ""},
		"too large": {"it is not the expected kind of file", func(t *testing.T, path string) { write(t, path, 1<<20+1) }, "PATH is larger than 1 MiB", fault.Usage},
		"a pipe":    {"reading it would block forever", func(t *testing.T, path string) { require.NoError(t, syscall.Mkfifo(path, 0o600)) }, "PATH is a named pipe, not a regular file", fault.Usage},
		"a device":  {"it has no end", func(t *testing.T, path string) { require.NoError(t, os.Symlink("/dev/zero", path)) }, "PATH is a device, not a regular file", fault.Usage},
		"a folder":  {"it has no content", func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o700)) }, "PATH is a folder, not a regular file", fault.Usage},
		"a socket":  {"it cannot be opened", socket, "PATH is a socket or a device, not a regular file", fault.Usage},
		"missing":   {"with the system's error", func(*testing.T, string) {}, "open PATH: no such file or directory", fault.NotFound},
		"link to a pipe": {"it leads to a pipe", func(t *testing.T, path string) {
			require.NoError(t, syscall.Mkfifo(path+".1", 0o600))
			require.NoError(t, os.Symlink(path+".1", path))
		}, "PATH is a named pipe, not a regular file", fault.Usage},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			test.make(t, path)
			ended := make(chan error, 2)
			go func() {
				_, err := file.Read(path, 1<<20)
				ended <- err
				ended <- file.CheckRead(path, 1<<20)
			}()
			for range 2 {
				select {
				case err := <-ended:
					if test.says == "" {
						require.NoError(t, err, test.reason)
						continue
					}
					require.EqualError(t, err, strings.ReplaceAll(test.says, "PATH", path), test.reason)
					require.Equal(t, test.kind, fault.KindOf(err))
				case <-time.After(10 * time.Second):
					t.Fatal("reading does not end")
				}
			}
		})
	}
}

// What others read is tried before: a file may count as regular and yet have no
// byte, nor an end.
func TestCheckReadReadsTheFirstByte(t *testing.T) {
	path := "/proc/self/mem" // it opens, and nothing is mapped at its beginning
	require.EqualError(t, file.CheckRead(path, 1<<20), "read "+path+": input/output error")
	empty := filepath.Join(t.TempDir(), "empty")
	write(t, empty, 0)
	require.NoError(t, file.CheckRead(empty, 1<<20))
}

// A file of /proc does not tell its size.
func TestUnknownSizeIsLimited(t *testing.T) {
	data, err := file.Read("/proc/self/status", 1<<20)
	require.NoError(t, err)
	require.Contains(t, string(data), "Name:")
	_, err = file.Read("/proc/self/status", 10)
	require.EqualError(t, err, "/proc/self/status is larger than 0 MiB")
}

func write(t *testing.T, path string, size int) {
	require.NoError(t, os.WriteFile(path, make([]byte, size), 0o600))
}

func socket(t *testing.T, path string) {
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
}
