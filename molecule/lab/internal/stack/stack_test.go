// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/process"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

var errSilent = errors.New("connection refused")

func TestLastLine(t *testing.T) {
	cases := map[string]struct{ reason, text, want string }{
		"several":     {reason: "the last line gives the reason", text: "one\ntwo\n", want: "two"},
		"blank end":   {reason: "empty lines are skipped", text: "one\n\n  \n", want: "one"},
		"no line end": {reason: "the server died while writing", text: "one\ntw", want: "tw"},
		"empty":       {reason: "there is no output", text: "", want: "(the log is empty)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
			require.Equal(t, c.want, lastLine(path), c.reason)
		})
	}
	require.Equal(t, "(the log cannot be read)", lastLine(filepath.Join(t.TempDir(), "none")))
}

func TestEnsureReportsWhyAServerDidNotStart(t *testing.T) {
	lab, _ := testStack(t)
	server := shell(t, lab, "echo first; echo the port is taken >&2; exit 3", errSilent)
	err := lab.ensure(t.Context(), server)
	require.EqualError(t, err, "start minio: it ended; its log "+server.Log+" ends with: the port is taken")
}

func TestEnsureLeavesARunningServerAlone(t *testing.T) {
	lab, _ := testStack(t)
	server := shell(t, lab, "exec sleep 60", nil)
	require.NoError(t, lab.ensure(t.Context(), server))
	first := find(t, lab)
	require.NoError(t, lab.ensure(t.Context(), server))
	require.Equal(t, first, find(t, lab), "the second up must not touch it")
	server.Made = "a newer build"
	require.NoError(t, lab.ensure(t.Context(), server))
	require.NotEqual(t, first.Pid, find(t, lab).Pid, "an old program must be restarted")
	require.False(t, first.Alive())
}

func TestEnsureRestartsADeadServer(t *testing.T) {
	lab, _ := testStack(t)
	server := shell(t, lab, "exec sleep 60", nil)
	require.NoError(t, lab.ensure(t.Context(), server))
	first := find(t, lab)
	killed, err := os.FindProcess(first.Pid)
	require.NoError(t, err)
	require.NoError(t, killed.Kill())
	require.Eventually(t, func() bool { return !first.Alive() }, waitLong, waitShort)
	require.NoError(t, lab.ensure(t.Context(), server))
	require.True(t, find(t, lab).Alive())
}

func TestEnsureEndsWithItsContext(t *testing.T) {
	lab, _ := testStack(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	err := lab.ensure(ctx, shell(t, lab, "exec sleep 60", errSilent))
	require.ErrorIs(t, err, interrupted)
	require.True(t, find(t, lab).Alive(), "what was started can be found and stopped later")
}

func TestDownStopsServersAndForgetsTheirAddresses(t *testing.T) {
	lab, out := testStack(t)
	require.NoError(t, lab.ensure(t.Context(), shell(t, lab, "exec sleep 60", nil)))
	running := find(t, lab)
	for _, path := range []string{lab.Folder.Env(), lab.Folder.Kubeconfig(), lab.Folder.Data("minio", "x")} {
		require.NoError(t, folder.WriteFile(path, []byte("x"), 0o600))
	}
	require.NoError(t, lab.Down(t.Context(), false))
	require.False(t, running.Alive())
	require.Contains(t, out.String(), "stopped minio\n")
	require.NoFileExists(t, lab.Folder.Env())
	require.NoFileExists(t, lab.Folder.Kubeconfig())
	require.FileExists(t, lab.Folder.Data("minio", "x"), "without --purge data are kept")
	require.ErrorContains(t, lab.Env(), "is not up; start it with lab up")

	require.NoError(t, lab.Down(t.Context(), true))
	require.NoDirExists(t, lab.Folder.Data())
	require.DirExists(t, filepath.Dir(lab.Folder.Bin("minio")), "built programs are kept")
}

func TestDownWithoutALab(t *testing.T) {
	out := &bytes.Buffer{}
	lab := Stack{Folder: folder.Folder{State: filepath.Join(t.TempDir(), "none")}, Out: out}
	require.NoError(t, lab.Down(t.Context(), false))
	require.Contains(t, out.String(), "there is no lab in")
	require.NoDirExists(t, lab.Folder.State)
}

func TestTwoCommandsDoNotMix(t *testing.T) {
	lab, _ := testStack(t)
	release, err := lab.Folder.Lock()
	require.NoError(t, err)
	require.ErrorContains(t, lab.Stop(t.Context(), "minio"), "another lab command is running there")
	time.AfterFunc(20*time.Millisecond, release)
	require.NoError(t, lab.Down(t.Context(), false), "down waits for its turn")
}

func testStack(t *testing.T) (Stack, *bytes.Buffer) {
	out := &bytes.Buffer{}
	lab := Stack{Folder: folder.Folder{State: t.TempDir()}, Out: out}
	require.NoError(t, lab.Folder.Make())
	t.Cleanup(func() { _, _ = lab.table().Stop(context.Background(), "minio") })
	return lab, out
}

// shell is a server that is a shell command; answer is the result of its probe.
func shell(t *testing.T, lab Stack, line string, answer error) servers.Server {
	path, err := exec.LookPath("sh")
	require.NoError(t, err)
	return servers.Server{
		Spec:  process.Spec{Name: "minio", Program: path, Args: []string{"-c", line}, Log: lab.Folder.Log("minio"), Made: "one build"},
		Probe: func(context.Context) error { return answer },
	}
}

func find(t *testing.T, lab Stack) process.Process {
	found, _, err := lab.table().Find("minio")
	require.NoError(t, err)
	return found
}

func TestFetchedImagesAreForPods(t *testing.T) {
	const refused = "IMAGES is for pods that run: lab up --pods"
	cases := map[string]struct {
		reason string
		made   bool
		says   string
	}{
		"a new lab":     {"nothing would pull them", false, refused},
		"a lab of pods": {"it is restarted without options", true, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			lab := Stack{Folder: folder.Folder{State: t.TempDir()}, Source: parts.LoopbackImages}
			if c.made {
				require.NoError(t, folder.WriteFile(lab.Folder.Data(podsFile), nil, 0o600))
			}
			err := lab.choose()
			if c.says != "" {
				require.EqualError(t, err, c.says, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
			require.True(t, lab.Pods)
		})
	}
}
