// SPDX-License-Identifier: AGPL-3.0-or-later

package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// inputs is a checksum of everything that determines the built program. It compares contents, not times, because
// a checkout gives new times to old contents, and a removed file has no time.
func (b Builder) inputs(program Program) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %q\n", b.Version, program.Package, program.Tags, program.LDFlags, b.Flags)
	for _, input := range program.Inputs {
		if err := addTree(sum, program, input); err != nil {
			return "", fmt.Errorf("read what goes into %s: %w", program.Name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func addTree(sum hash.Hash, program Program, input string) error {
	return filepath.WalkDir(input, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipDir(path)
		}
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md") {
			return nil
		}
		fmt.Fprintf(sum, "%q\n", strings.TrimPrefix(path, program.Dir))
		return addFile(sum, path)
	})
}

func skipDir(path string) error {
	if filepath.Base(path) == "testdata" {
		return filepath.SkipDir
	}
	return nil
}

func addFile(sum hash.Hash, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(sum, file)
	return err
}

// Sum is the checksum of a program that a person brings; for a folder only its name counts.
func Sum(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path, nil
	}
	return sumFile(path)
}

func sumFile(path string) (string, error) {
	sum := sha256.New()
	if err := addFile(sum, path); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
