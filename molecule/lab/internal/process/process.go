// SPDX-License-Identifier: AGPL-3.0-or-later

package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Spec says how to start one server.
type Spec struct {
	// Name is the server's name; there is one process for each name.
	Name string
	// Program is the path of the program, Args its arguments.
	Program string
	Args    []string
	// Env is added to a small fixed environment; it may hold secrets, which are never stored.
	Env []string
	// Log is the file for the server's output.
	Log string
	// Made is a checksum of the program and of the files that it reads at
	// start. A server whose Made, Args or Env differ from those of the running
	// process has to be restarted.
	Made string
}

func (s Spec) fingerprint() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q", s.Program, s.Args, s.Env, s.Made)
	return hex.EncodeToString(sum.Sum(nil))
}

// Process is a server that was started, by this command or an earlier one.
type Process struct {
	identity
	Fingerprint string `json:"fingerprint"`
	// Leads is whether the process leads a group that consists only of itself and its children.
	Leads bool `json:"leads"`
}

// Alive says whether this same process still runs.
func (p Process) Alive() bool {
	now, gone, err := identify(p.Pid)
	return err == nil && !gone && now == p.identity
}

// Is says whether the process was started from the same spec.
func (p Process) Is(spec Spec) bool { return p.Fingerprint == spec.fingerprint() }

// Table is the folder with one file for each started server.
type Table struct{ Dir string }

func (t Table) file(name string) string { return filepath.Join(t.Dir, name) }

// Find returns the running process of that name; ok is false when there is none, whatever its file says.
func (t Table) Find(name string) (found Process, ok bool, err error) {
	raw, err := os.ReadFile(t.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return Process{}, false, nil
	}
	if err != nil {
		return Process{}, false, fmt.Errorf("read the process number of %s: %w", name, err)
	}
	var process Process
	if json.Unmarshal(raw, &process) != nil {
		return Process{}, false, nil
	}
	return process, process.Alive(), nil
}

// Names lists the servers that have a file, running or not.
func (t Table) Names() ([]string, error) {
	entries, err := os.ReadDir(t.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the lab's processes: %w", err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// Start runs the server in its own session, so that it outlives this command and its terminal. The server runs only
// after it is recorded: whenever and however this command ends, Stop finds what was started.
func (t Table) Start(spec Spec) (Process, error) {
	log, err := openLog(spec.Log)
	if err != nil {
		return Process{}, fmt.Errorf("open the log of %s: %w", spec.Name, err)
	}
	defer log.Close()
	command := held(spec.Program, spec.Args...)
	command.Env = append(baseEnv(), spec.Env...)
	command.Stdout, command.Stderr = log, log
	command.Dir = t.Dir
	process, err := t.begin(command, spec.Name, spec.fingerprint())
	if err != nil {
		return Process{}, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	go command.Wait() //nolint:errcheck // only to leave no zombie; Alive sees its exit
	return process, nil
}

// Note records this command itself under a name, so that another one can end it with Stop; forget removes the record.
func (t Table) Note(name string) (forget func(), err error) {
	if _, err := t.record(name, "", os.Getpid(), false); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(t.file(name)) }, nil
}

func (t Table) record(name, fingerprint string, pid int, leads bool) (Process, error) {
	id, gone, err := identify(pid)
	if err != nil {
		return Process{}, err
	}
	if gone {
		return Process{}, errors.New("it ended at once")
	}
	process := Process{identity: id, Fingerprint: fingerprint, Leads: leads}
	raw, err := json.Marshal(process)
	if err != nil {
		return Process{}, fmt.Errorf("write the process number of %s: %w", name, err)
	}
	return process, folder.WriteFile(t.file(name), raw, 0o600)
}

// openLog starts a new log and keeps the previous one.
func openLog(path string) (*os.File, error) {
	if err := os.Rename(path, path+".before"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
}

// baseEnv keeps the caller's settings, such as proxies or KUBECONFIG, away from the servers.
func baseEnv() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	if dir := os.Getenv("TMPDIR"); dir != "" {
		env = append(env, "TMPDIR="+dir)
	}
	return env
}
