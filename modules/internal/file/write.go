// SPDX-License-Identifier: AGPL-3.0-or-later

package file

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/picluster/tracing/modules/internal/fault"
)

// MakeFolder makes a folder and those above it with mode 0700; an existing one
// stays as it is.
func MakeFolder(path string) error {
	above, name, err := parent(path)
	if err != nil {
		return err
	}
	made, err := openFolder(above+"/"+name, makeMissing)
	if err == nil {
		made.close()
	}
	return err
}

// CheckWrite says what would keep Write from writing to path, as far as it can be
// told by looking; a folder that does not exist yet is no obstacle.
func CheckWrite(path string) error {
	above, name, err := parent(path)
	if err != nil {
		return err
	}
	in, err := openFolder(above, notMissing)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.close()
	_, _, err = in.existing(path, name)
	return err
}

// Write puts data into the file, or into a new one of this mode (and umask). It
// writes beside and renames, so that a reader never sees half of it. An existing
// file keeps its owner, and its permissions where they are fewer.
func Write(path string, data []byte, mode fs.FileMode) error {
	above, name, err := parent(path)
	if err != nil {
		return err
	}
	in, err := openFolder(above, notMissing)
	if err != nil {
		return err
	}
	defer in.close()
	before, exists, err := in.existing(path, name)
	if err != nil {
		return err
	}
	beside := ".new-" + rand.Text()
	if err := in.write(beside, data, mode, before, exists); err != nil {
		return named("write", path, err)
	}
	if err := unix.Renameat(in.handle, beside, in.handle, name); err != nil {
		return named("write", path, errors.Join(err, unix.Unlinkat(in.handle, beside, 0)))
	}
	return nil
}

// existing looks at the file that is to be replaced.
func (f folder) existing(path, name string) (about unix.Stat_t, exists bool, err error) {
	about, err = f.lstat(name)
	switch {
	case errors.Is(err, unix.ENOENT):
		return about, false, nil
	case err != nil:
		return about, false, named("look at", path, err)
	}
	return about, true, regular(path, about)
}

// write makes a file with a name that nobody uses. Its content is on the disk before
// it gets its name: a Raspberry Pi may lose its power at any time.
func (f folder) write(name string, data []byte, mode fs.FileMode, before unix.Stat_t, exists bool) error {
	if exists {
		mode &= fs.FileMode(before.Mode).Perm()
	}
	handle, err := unix.Openat(f.handle, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(mode))
	if err != nil {
		return err
	}
	out := os.NewFile(uintptr(handle), name) //nolint:gosec // the kernel's numbers are small
	_, err = out.Write(data)
	if exists && err == nil {
		err = f.keep(out, mode, before)
	}
	err = errors.Join(err, out.Sync(), out.Close())
	if err != nil {
		return errors.Join(err, unix.Unlinkat(f.handle, name, 0))
	}
	return nil
}

// keep gives a file the owner that the one before had, as far as this user may,
// and then the mode, which a change of the owner can take bits from. Where anybody
// can make files the one before says nothing about whose it is to be.
func (f folder) keep(out *os.File, mode fs.FileMode, before unix.Stat_t) error {
	if !f.shared() {
		_ = out.Chown(int(before.Uid), int(before.Gid))
	}
	return out.Chmod(mode)
}

// ReadOwn returns what a regular file of this collection holds. The error is
// fs.ErrNotExist for a missing one, and of kind fault.Denied for a link, for what
// is no file and for more than limit bytes.
func ReadOwn(path string, limit int64) ([]byte, error) {
	above, name, err := parent(path)
	if err != nil {
		return nil, err
	}
	in, err := openFolder(above, notMissing)
	if err != nil {
		return nil, err
	}
	defer in.close()
	_, exists, err := in.existing(path, name)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, named("read", path, fs.ErrNotExist)
	}
	// A pipe that came in between would keep this waiting for a writer.
	handle, err := unix.Openat(in.handle, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, named("read", path, err)
	}
	return bounded(os.NewFile(uintptr(handle), name), path, limit) //nolint:gosec // the kernel's numbers are small
}

func bounded(from *os.File, path string, limit int64) ([]byte, error) {
	defer from.Close() //nolint:errcheck // it was only read
	var about unix.Stat_t
	if err := unix.Fstat(int(from.Fd()), &about); err != nil { //nolint:gosec // the kernel's numbers are small
		return nil, named("read", path, err)
	}
	if err := regular(path, about); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fault.New(fault.Denied, hint, "%s holds more than %d bytes", path, limit)
	}
	return data, err
}

// Remove deletes a file, or the link of that name; one that is absent is no
// error.
func Remove(path string) error {
	above, name, err := parent(path)
	if err != nil {
		return err
	}
	in, err := openFolder(above, notMissing)
	if err == nil {
		defer in.close()
		err = unix.Unlinkat(in.handle, name, 0)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return named("remove", path, err)
}
