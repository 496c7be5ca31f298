// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"context"
	"encoding/json"
	"errors"
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

func TestParseStat(t *testing.T) {
	cases := map[string]struct {
		reason, raw, state, start string
		fails                     bool
	}{
		"plain": {
			reason: "the 22nd field is the start time",
			raw:    "42 (minio) S 1 42 42 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 9 0 777 1 2 3", state: "S", start: "777",
		},
		"name with bracket and blank": {
			reason: "a program may be called anything",
			raw:    "42 (a) Z (b) R 1 42 42 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 9 0 778 1 2 3", state: "R", start: "778",
		},
		"short": {reason: "half a line is not trusted", raw: "42 (minio) S 1 42", fails: true},
		"words": {reason: "a start time is a number", raw: "1 (x) S a b c d e f g h i j k l m n o p q r s t", fails: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state, start, err := parseStat([]byte(c.raw))
			require.Equal(t, c.fails, err != nil, c.reason)
			require.Equal(t, c.state, state, c.reason)
			require.Equal(t, c.start, start, c.reason)
		})
	}
}

func TestStartFindStop(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	spec := sleeper(t, "30")
	started, err := table.Start(spec)
	require.NoError(t, err)
	found, runs, err := table.Find("sleeper")
	require.NoError(t, err)
	require.True(t, runs)
	require.Equal(t, started, found)
	require.True(t, found.Is(spec))
	other := spec
	other.Made = "another build"
	require.False(t, found.Is(other), "a newer program requires a restart")

	stopped, err := table.Stop(t.Context(), "sleeper")
	require.NoError(t, err)
	require.True(t, stopped)
	require.False(t, started.Alive())
	_, runs, err = table.Find("sleeper")
	require.NoError(t, err)
	require.False(t, runs)
}

func TestStopLeavesOtherProcessesAlone(t *testing.T) {
	stranger := exec.Command("sleep", "30")
	require.NoError(t, stranger.Start())
	t.Cleanup(func() { _ = stranger.Process.Kill(); _ = stranger.Wait() })
	table := Table{Dir: t.TempDir()}
	record := Process{identity: identity{Pid: stranger.Process.Pid, Start: "1", Boot: "long ago"}}
	raw, err := json.Marshal(record)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(table.file("minio"), raw, 0o600))

	stopped, err := table.Stop(t.Context(), "minio")
	require.NoError(t, err)
	require.False(t, stopped)
	require.NoError(t, stranger.Process.Signal(syscall.Signal(0)), "a process with a recycled number must live on")
	require.NoFileExists(t, table.file("minio"))
}

func TestFindIgnoresDamagedFiles(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	require.NoError(t, os.WriteFile(table.file("minio"), []byte("12"), 0o600))
	_, runs, err := table.Find("minio")
	require.NoError(t, err)
	require.False(t, runs)
}

func TestAliveSeesTheEnd(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	started, err := table.Start(sleeper(t, "2"))
	require.NoError(t, err)
	require.True(t, started.Alive())
	require.Eventually(t, func() bool { return !started.Alive() }, time.Minute, 20*time.Millisecond)
}

func TestOnlyRecordedProcessesRun(t *testing.T) {
	place := t.TempDir()
	table := Table{Dir: filepath.Join(place, "file", "pid")}
	require.NoError(t, os.WriteFile(filepath.Join(place, "file"), nil, 0o600), "no folder can be made there")
	spec := Spec{Name: "toucher", Program: "/bin/touch", Args: []string{filepath.Join(place, "ran")}, Log: filepath.Join(place, "log")}
	_, err := table.Start(spec)
	require.ErrorContains(t, err, "start toucher")

	held := held("/bin/touch", filepath.Join(place, "ran"))
	gate, err := held.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, held.Start())
	require.NoError(t, gate.Close(), "as when the command that starts it was killed")
	require.Error(t, held.Wait())
	require.NoFileExists(t, filepath.Join(place, "ran"))
}

func TestChildrenOfAServerEndWithIt(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	note := filepath.Join(t.TempDir(), "child")
	spec := sleeper(t, "")
	spec.Program, spec.Args = "/bin/sh", []string{"-c", parent, note}
	_, err := table.Start(spec)
	require.NoError(t, err)
	child := numberIn(t, note)
	_, err = table.Stop(t.Context(), spec.Name)
	require.NoError(t, err)
	requireGone(t, child)
}

func TestRunReportsOutputAndExitStatus(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	printed, err := table.Run(t.Context(), Task{
		Name: "build", Dir: t.TempDir(), Env: []string{"WORD=told"},
		Program: "/bin/sh", Args: []string{"-c", "echo $WORD; echo why >&2; exit 3"},
	})
	require.EqualError(t, err, "exit status 3")
	require.Equal(t, "told\nwhy\n", string(printed))
	names, err := table.Names()
	require.NoError(t, err)
	require.Empty(t, names, "it has ended")
}

func TestRunEndsWithItsContextAndWithStop(t *testing.T) {
	cases := map[string]struct {
		reason string
		end    func(t *testing.T, table Table, cancel context.CancelCauseFunc)
	}{
		"context": {"Ctrl-C in the command that builds", func(_ *testing.T, _ Table, cancel context.CancelCauseFunc) { cancel(errInterrupted) }},
		"stop": {"down, after the command that builds was killed", func(t *testing.T, table Table, _ context.CancelCauseFunc) {
			stopped, err := table.Stop(t.Context(), "build")
			require.NoError(t, err)
			require.True(t, stopped)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			table := Table{Dir: t.TempDir()}
			note := filepath.Join(t.TempDir(), "child")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			ended := make(chan error, 1)
			go func() {
				_, err := table.Run(ctx, Task{Name: "build", Program: "/bin/sh", Args: []string{"-c", parent, note}})
				ended <- err
			}()
			child := numberIn(t, note)
			c.end(t, table, cancel)
			require.Error(t, <-ended, c.reason)
			requireGone(t, child)
		})
	}
}

func TestRecordedCommandCanBeStopped(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	forget, err := table.Note("up")
	require.NoError(t, err)
	found, runs, err := table.Find("up")
	require.NoError(t, err)
	require.True(t, runs)
	require.Equal(t, os.Getpid(), found.Pid)
	require.False(t, found.Leads, "other processes may be in its group, such as the end of a pipe")
	forget()
	_, runs, err = table.Find("up")
	require.NoError(t, err)
	require.False(t, runs)
}

// parent is a shell that writes its child's process ID into the file that is its first argument.
const parent = `sleep 60 & echo $! >"$0.part" && mv "$0.part" "$0"; wait`

var errInterrupted = errors.New("interrupted")

// numberIn waits for a file with a process ID.
func numberIn(t *testing.T, path string) int {
	var number int
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(path)
		if err != nil {
			return false
		}
		number, err = strconv.Atoi(strings.TrimSpace(string(raw)))
		return err == nil
	}, 2*time.Minute, 10*time.Millisecond)
	return number
}

// requireGone waits for the end of a process that is not a child of this one.
func requireGone(t *testing.T, pid int) {
	require.Eventually(t, func() bool {
		_, gone, err := identify(pid)
		return err == nil && gone
	}, 2*time.Minute, 10*time.Millisecond, "process %d still runs", pid)
}

func sleeper(t *testing.T, seconds string) Spec {
	path, err := exec.LookPath("sleep")
	require.NoError(t, err)
	return Spec{Name: "sleeper", Program: path, Args: []string{seconds}, Log: filepath.Join(t.TempDir(), "log"), Made: "one build"}
}
