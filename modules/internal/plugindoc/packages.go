// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"bytes"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The lines that enclose the map of packages in CONTRIBUTING.md.
const (
	mapBegins = "<!-- packages: written by make docs -->\n"
	mapEnds   = "<!-- end of packages -->\n"
)

// GoFolders hold the Go sources of the product and of its lab.
var GoFolders = []string{"modules", "molecule/lab"}

// WithPackageMap returns a page whose map of packages is made from the Go
// sources below folders, which are relative to root: a row for each package,
// with the first sentence of its package comment. The page must have the two
// lines that enclose the map.
func WithPackageMap(page []byte, root string, folders ...string) ([]byte, error) {
	before, rest, begins := bytes.Cut(page, []byte(mapBegins))
	_, after, ends := bytes.Cut(rest, []byte(mapEnds))
	if !begins || !ends {
		return nil, fmt.Errorf("the page has no place for the map of packages: %q and %q", mapBegins, mapEnds)
	}
	rows, err := packageMap(root, folders)
	if err != nil {
		return nil, err
	}
	return slices.Concat(before, []byte(mapBegins), []byte(rows), []byte(mapEnds), after), nil
}

func packageMap(root string, folders []string) (string, error) {
	var rows strings.Builder
	rows.WriteString("| folder | what it is |\n|---|---|\n")
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			sentence, err := synopsis(path)
			if err != nil || sentence == "" {
				return err
			}
			place, err := filepath.Rel(root, path)
			fmt.Fprintf(&rows, "| `%s` | %s |\n", filepath.ToSlash(place), sentence)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return rows.String(), nil
}

// synopsis is the first sentence of a folder's package comment, without
// "Package NAME"; "" where there is no package.
func synopsis(folder string) (string, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		if file.Doc == nil {
			continue
		}
		if sentence := new(doc.Package).Synopsis(file.Doc.Text()); sentence != "" {
			return strings.TrimPrefix(sentence, "Package "+file.Name.Name+" "), nil
		}
	}
	return "", nil
}
