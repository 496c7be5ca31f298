// SPDX-License-Identifier: AGPL-3.0-or-later

// Plugindocs generates plugins/modules/NAME.py for every module, the documentation
// fragments that they share, the permissions that each needs, docs/versions.md, and
// the map of packages in CONTRIBUTING.md.
//
// Usage, from the root of the repository:
//
//	plugindocs
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/picluster/tracing/modules/internal/plugindoc"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/rights"
	"github.com/picluster/tracing/modules/internal/versionpage"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "plugindocs:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	folder := filepath.Join(root, "plugins", "modules")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, module := range registry.Modules {
		page, err := plugindoc.Render(name, module().Options(), filepath.Join(root, "modules", name, "doc.yml"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name+".py"), page, 0o644); err != nil {
			return err
		}
	}
	if err := versions(root); err != nil {
		return err
	}
	files, err := plugindoc.Fragments()
	if err != nil {
		return err
	}
	maps.Copy(files, rights.Files())
	for name, text := range files {
		if err := write(filepath.Join(root, name), text); err != nil {
			return err
		}
	}
	return contributing(root)
}

func versions(root string) error {
	page, err := versionpage.Render()
	if err != nil {
		return err
	}
	return write(filepath.Join(root, "docs", "versions.md"), string(page))
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func contributing(root string) error {
	name := filepath.Join(root, "CONTRIBUTING.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	page, err = plugindoc.WithPackageMap(page, root, plugindoc.GoFolders...)
	if err != nil {
		return err
	}
	return os.WriteFile(name, page, 0o644)
}
