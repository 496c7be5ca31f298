// SPDX-License-Identifier: AGPL-3.0-or-later

// Package folder locates the lab's folders: the checkout that it is built from, and the one that holds its state.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// marker is the file that identifies a checkout.
const marker = "molecule/lab/go.mod"

// Folder is where one lab is stored. Two labs with different state folders do not see each other.
type Folder struct {
	// Root is the collection's checkout, absolute.
	Root string
	// State is the folder of everything that the lab creates, absolute; by default Root/.lab.
	State string
}

// Locate finds the checkout above one of the given folders. state overrides the state folder when it is not empty.
func Locate(state string, starts ...string) (Folder, error) {
	for _, start := range starts {
		root, found := climb(start)
		if !found {
			continue
		}
		if state == "" {
			return Folder{Root: root, State: filepath.Join(root, ".lab")}, nil
		}
		absolute, err := filepath.Abs(state)
		if err != nil {
			return Folder{}, fmt.Errorf("read LAB_DIR %s: %w", state, err)
		}
		return Folder{Root: root, State: absolute}, nil
	}
	return Folder{}, fmt.Errorf("find the collection: no folder above %s has %s", starts[0], marker)
}

func climb(start string) (string, bool) {
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, marker)); err == nil {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
	}
}

// Source is a folder below molecule/lab.
func (f Folder) Source(parts ...string) string {
	return filepath.Join(append([]string{f.Root, "molecule", "lab"}, parts...)...)
}

// Bin is a built program.
func (f Folder) Bin(name string) string { return filepath.Join(f.State, "bin", name) }

// Log is the output of the server of that name.
func (f Folder) Log(name string) string { return filepath.Join(f.State, "log", name+".log") }

// Data is a place for the servers' data.
func (f Folder) Data(parts ...string) string {
	return filepath.Join(append([]string{f.State, "data"}, parts...)...)
}

// Pids is the folder with one file for each running server.
func (f Folder) Pids() string { return filepath.Join(f.State, "pid") }

// Commands is the folder with one file for each running lab command, and for each command that it runs and waits for.
func (f Folder) Commands() string { return filepath.Join(f.State, "command") }

// Scratch is where builds keep temporary files; a build that was killed leaves them there.
func (f Folder) Scratch() string { return filepath.Join(f.State, "tmp") }

// Env is the file with the lab's addresses and logins.
func (f Folder) Env() string { return filepath.Join(f.State, "env") }

// Kubeconfig is the login of the cluster's administrator.
func (f Folder) Kubeconfig() string { return filepath.Join(f.State, "kubeconfig") }

// Exists says whether there is a state folder at all.
func (f Folder) Exists() bool {
	_, err := os.Stat(f.State)
	return !errors.Is(err, fs.ErrNotExist)
}

// Make creates the state folder. Only its owner may read it, because it holds keys and passwords.
func (f Folder) Make() error {
	for _, dir := range []string{f.State, filepath.Join(f.State, "bin"), filepath.Join(f.State, "log"), f.Pids(), f.Commands(), f.Scratch(), f.Data()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the lab's state folder: %w", err)
		}
	}
	return nil
}

// WriteFile replaces a file atomically, so that a reader never sees half of it.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	next := path + ".next"
	if err := os.WriteFile(next, content, mode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Chmod(next, mode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(next, path)
}
