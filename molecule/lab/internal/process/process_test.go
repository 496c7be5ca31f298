// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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
	require.False(t, found.Is(other), "a newer program means a new start")

	stopped, err := table.Stop(t.Context(), "sleeper")
	require.NoError(t, err)
	require.True(t, stopped)
	require.False(t, started.Alive())
	_, runs, err = table.Find("sleeper")
	require.NoError(t, err)
	require.False(t, runs)
}

func TestStopLeavesStrangersAlone(t *testing.T) {
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

func TestFindForgivesDamage(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	require.NoError(t, os.WriteFile(table.file("minio"), []byte("12"), 0o600))
	_, runs, err := table.Find("minio")
	require.NoError(t, err)
	require.False(t, runs)
}

func TestAliveSeesTheEnd(t *testing.T) {
	table := Table{Dir: t.TempDir()}
	started, err := table.Start(sleeper(t, "0.2"))
	require.NoError(t, err)
	require.True(t, started.Alive())
	require.Eventually(t, func() bool { return !started.Alive() }, 5*time.Second, 20*time.Millisecond)
}

func sleeper(t *testing.T, seconds string) Spec {
	path, err := exec.LookPath("sleep")
	require.NoError(t, err)
	return Spec{Name: "sleeper", Program: path, Args: []string{seconds}, Log: filepath.Join(t.TempDir(), "log"), Made: "one build"}
}
