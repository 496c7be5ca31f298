// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// labOfTests makes this test binary run as the command lab.
const labOfTests = "PICLUSTER_LAB_OF_TESTS"

func TestMain(m *testing.M) {
	if os.Getenv(labOfTests) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A stand-in for the command go. The program that it builds writes its process ID and a child's to $NOTES and never answers;
// with $SLOW the build itself never ends.
const (
	standInGo = `#!/bin/sh
[ "$1" != env ] || { echo go1.26.8; exit; }
[ -z "$SLOW" ] || exec "$SERVER"
while [ "$1" != -o ]; do shift; done
cp "$SERVER" "$2"
`
	standInServer = `#!/bin/sh
sleep 600 &
echo $$ $! >"$NOTES/$$"
wait
`
)

func TestDownCleansUpAfterAnInterruptedUp(t *testing.T) {
	cases := map[string]struct {
		reason, slow string
		running      int
		signal       syscall.Signal
		status       int
	}{
		"Ctrl-C while it builds":      {"the build stops as well", "yes", 1, syscall.SIGINT, exitInterrupted},
		"SIGTERM while it builds":     {"the same", "yes", 1, syscall.SIGTERM, exitInterrupted},
		"SIGKILL while it builds":     {"down stops the build", "yes", 1, syscall.SIGKILL, -1},
		"Ctrl-C while it starts":      {"down stops the servers", "", 3, syscall.SIGINT, exitInterrupted},
		"SIGTERM while it starts":     {"the same", "", 3, syscall.SIGTERM, exitInterrupted},
		"SIGKILL while it starts":     {"the same", "", 3, syscall.SIGKILL, -1},
		"nothing, and it still works": {"down stops up as well", "", 3, 0, exitInterrupted},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newInterrupted(t, c.slow)
			up := lab.command("up")
			require.NoError(t, up.Start())
			running := lab.await(t, c.running)
			if c.signal != 0 {
				require.NoError(t, up.Process.Signal(c.signal))
				_ = up.Wait() // its status is looked at below
			}
			down := lab.command("down", "--purge")
			output, err := down.CombinedOutput()
			require.NoError(t, err, "%s: %s", c.reason, output)
			if c.signal == 0 {
				_ = up.Wait()
			}
			require.Equal(t, c.status, up.ProcessState.ExitCode())
			for _, pid := range running {
				require.Eventually(t, func() bool { return ended(pid) }, time.Minute, 10*time.Millisecond, "process %d after %s", pid, output)
			}
			require.NoDirExists(t, filepath.Join(lab.state, "tmp"))
			left, err := filepath.Glob(filepath.Join(lab.state, "command", "*"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// ended says whether there is no such process, or only its exit status, which the machine's init process has not read yet.
func ended(pid int) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || bytes.Contains(raw, []byte(") Z "))
}

// interrupted is a lab whose programs are stand-ins.
type interrupted struct {
	state, notes string
	env          []string
}

func newInterrupted(t *testing.T, slow string) interrupted {
	place := t.TempDir()
	lab := interrupted{state: filepath.Join(place, "lab"), notes: filepath.Join(place, "notes")}
	require.NoError(t, os.Mkdir(lab.notes, 0o700))
	server := filepath.Join(place, "server")
	for path, text := range map[string]string{filepath.Join(place, "go"): standInGo, server: strings.ReplaceAll(standInServer, "$NOTES", lab.notes)} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	}
	lab.env = []string{
		labOfTests + "=yes", "LAB_DIR=" + lab.state, "PATH=" + place + ":/usr/bin:/bin", "HOME=" + place,
		"SERVER=" + server, "SLOW=" + slow,
	}
	return lab
}

func (l interrupted) command(args ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], args...)
	command.Env = l.env
	return command
}

// await waits until so many stand-ins run, and returns their process IDs and those of their children.
func (l interrupted) await(t *testing.T, count int) (pids []int) {
	require.Eventually(t, func() bool {
		pids = nil
		notes, err := filepath.Glob(filepath.Join(l.notes, "*"))
		require.NoError(t, err)
		for _, note := range notes {
			raw, err := os.ReadFile(note)
			require.NoError(t, err)
			for _, word := range bytes.Fields(raw) {
				pid, err := strconv.Atoi(string(word))
				require.NoError(t, err)
				pids = append(pids, pid)
			}
		}
		return len(pids) == 2*count
	}, time.Minute, 10*time.Millisecond)
	return pids
}
