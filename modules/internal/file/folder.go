// SPDX-License-Identifier: AGPL-3.0-or-later

// Package file safely reads and writes files on the managed host in folders that
// other users can write to: it follows no link that one of them could have created,
// and nobody can swap a folder between a check and a write.
package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/picluster/tracing/modules/internal/fault"
)

// folder is an open folder. What is done in it is done there, wherever its name
// leads to meanwhile.
type folder struct{ handle int }

func (f folder) close() { _ = unix.Close(f.handle) }

// openFolder opens the folder of an absolute path step by step, and makes the
// missing ones with mode 0700 where missing says so. Without, the error is
// fs.ErrNotExist for a missing folder.
func openFolder(path string, missing func(at folder, name string) error) (folder, error) {
	at, err := open(unix.AT_FDCWD, "/")
	steps := split(path)
	for links := 0; err == nil && len(steps) > 0; {
		var next folder
		name := steps[0]
		next, err = open(at.handle, name)
		switch {
		case err == nil:
			steps = steps[1:]
			at.close()
			at = next
		case errors.Is(err, unix.ENOENT):
			err = missing(at, name)
		case errors.Is(err, unix.ENOTDIR) && links < maxLinks:
			links++
			at, steps, err = at.follow(path, steps)
		}
	}
	if err != nil {
		at.close()
		return folder{}, named("open", path, err)
	}
	return at, nil
}

// maxLinks is how many links a path may go through, as in the kernel.
const maxLinks = 40

func open(at int, name string) (folder, error) {
	handle, err := unix.Openat(at, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	return folder{handle}, err
}

func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// notMissing leaves a missing folder as it is.
func notMissing(folder, string) error { return fs.ErrNotExist }

func makeMissing(at folder, name string) error {
	err := unix.Mkdirat(at.handle, name, 0o700)
	if errors.Is(err, unix.EEXIST) {
		return nil // another task was faster
	}
	return err
}

// follow goes on where the link leads that is the first of steps.
func (f folder) follow(path string, steps []string) (folder, []string, error) {
	link, err := f.lstat(steps[0])
	switch {
	case err != nil:
		return f, nil, err
	case link.Mode&unix.S_IFMT != unix.S_IFLNK:
		return f, nil, unix.ENOTDIR
	case !f.vouchesFor(link):
		return f, nil, fault.New(fault.Denied, hint, "%s goes through the link %s, which other users can change", path, steps[0])
	}
	target := make([]byte, unix.PathMax)
	length, err := unix.Readlinkat(f.handle, steps[0], target)
	if err != nil {
		return f, nil, err
	}
	rest := append(split(string(target[:length])), steps[1:]...)
	if target[0] != '/' {
		return f, rest, nil
	}
	f.close()
	root, err := open(unix.AT_FDCWD, "/")
	return root, rest, err
}

// vouchesFor reports whether only root and this user could have put a link into
// the folder: /var/run is such a link, one in /tmp need not be.
func (f folder) vouchesFor(link unix.Stat_t) bool {
	own, err := f.lstat(".")
	if err != nil || !ours(own.Uid) {
		return false
	}
	return !openToOthers(own) || (own.Mode&unix.S_ISVTX != 0 && ours(link.Uid))
}

// shared reports whether others can make files in the folder, as in /tmp.
func (f folder) shared() bool {
	own, err := f.lstat(".")
	return err != nil || openToOthers(own)
}

// openToOthers tells a folder that not only its owner writes to; a group that is
// this user's own is not others.
func openToOthers(folder unix.Stat_t) bool {
	return folder.Mode&0o002 != 0 || (folder.Mode&0o020 != 0 && int(folder.Gid) != os.Getegid())
}

func ours(user uint32) bool { return user == 0 || int(user) == os.Geteuid() }

// lstat reads what is under a name itself, be it a link.
func (f folder) lstat(name string) (about unix.Stat_t, err error) {
	err = unix.Fstatat(f.handle, name, &about, unix.AT_SYMLINK_NOFOLLOW)
	return about, err
}

const hint = "give a regular file, or one that does not exist yet, by a path without links that other users can change"

// regular refuses links, folders, pipes and devices.
func regular(path string, about unix.Stat_t) error {
	kind, odd := irregularKinds()[about.Mode&unix.S_IFMT]
	if !odd {
		return nil
	}
	return fault.New(fault.Denied, hint, "%s is %s, not a regular file", path, kind)
}

func irregularKinds() map[uint32]string {
	return map[uint32]string{
		unix.S_IFLNK: "a link", unix.S_IFDIR: "a folder", unix.S_IFIFO: "a pipe", unix.S_IFSOCK: "a socket", unix.S_IFCHR: "a device", unix.S_IFBLK: "a device",
	}
}

// parent splits an absolute path, or one from the working folder.
func parent(path string) (folder, name string, err error) {
	whole, err := filepath.Abs(path)
	return filepath.Dir(whole), filepath.Base(whole), err
}

// named adds the file's name, unless the error has it.
func named(doing, path string, err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return &fs.PathError{Op: doing, Path: path, Err: err}
}
