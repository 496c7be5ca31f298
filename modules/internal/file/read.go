// SPDX-License-Identifier: AGPL-3.0-or-later

package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Sizes in bytes beyond which a file cannot be what it should be.
const (
	// Certificates bounds certificates, keys and tokens: the CAs of a whole
	// system are a quarter of it.
	Certificates = 1 << 20
	// Manifests bounds what people write: manifests, values, kubeconfigs. The
	// largest manifests in use, bundles of definitions, are about 4 MiB.
	Manifests = 32 << 20
	// Archives bounds packed charts.
	Archives = 64 << 20
)

// longest bounds the reading of a file. Some that count as regular have no end and
// no content yet, such as /proc/kmsg, and a file server may be gone.
const longest = 30 * time.Second

// Read reads a file that an option names, which may be anything: a named pipe
// waits for a writer forever, and a device has no end. It reads a regular file of
// at most this many bytes; links are followed. Its error names the path and says
// what is wrong with it; it is of kind Usage unless it is the system's own error.
func Read(path string, largest int64) ([]byte, error) {
	return within(longest, path, func() ([]byte, error) { return read(path, largest) })
}

// within does not wait for a read that does not end: nothing takes the process
// back from a read of the kernel's.
func within(limit time.Duration, path string, read func() ([]byte, error)) ([]byte, error) {
	type outcome struct {
		data []byte
		err  error
	}
	ended := make(chan outcome, 1)
	go func() {
		data, err := read()
		ended <- outcome{data, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-ended:
		return o.data, o.err
	case <-timer.C:
		return nil, fault.New(fault.Usage, "give a file on a local disk, and check that its file system responds", "%s could not be read within %s", path, limit)
	}
}

func read(path string, largest int64) ([]byte, error) {
	file, err := openRegular(path, largest)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(file, largest+1))
	if err == nil && int64(len(data)) > largest { // it grew, or does not tell its size
		return nil, tooLarge(path, largest)
	}
	return data, err
}

// CheckRead reports why Read would not read a file, for files that others read: of
// one whose read does not end its first byte does not come either.
func CheckRead(path string, largest int64) error {
	_, err := within(longest, path, func() ([]byte, error) { return nil, first(path, largest) })
	return err
}

func first(path string, largest int64) error {
	file, err := openRegular(path, largest)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	if _, err = file.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// openRegular does not wait for the writer of a pipe, nor for a carrier on a line.
func openRegular(path string, largest int64) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, irregular(path, "a socket or a device")
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = irregular(path, kind(info.Mode()))
	case info.Size() > largest:
		err = tooLarge(path, largest)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func tooLarge(path string, largest int64) error {
	return fault.New(fault.Usage, "check that it is the right file", "%s is larger than %d MiB", path, largest>>20)
}

func irregular(path, what string) error {
	return fault.New(fault.Usage, "give a regular file, or put the content into one first", "%s is %s, not a regular file", path, what)
}

// kind says what a file is that is not a regular one.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return fmt.Sprintf("of type %s", mode.Type())
}
