// SPDX-License-Identifier: AGPL-3.0-or-later

// Package versionpage generates docs/versions.md from the tables of compat.
package versionpage

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed page.md
var page string

// Render returns the page. It fails if page.md names a table that does not exist.
func Render() ([]byte, error) {
	parsed, err := template.New("versions.md").Funcs(template.FuncMap{"table": table}).Parse(page)
	if err != nil {
		return nil, fmt.Errorf("read the page of versions: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, nil); err != nil {
		return nil, fmt.Errorf("write the page of versions: %w", err)
	}
	return out.Bytes(), nil
}

// table is one table of the page, as Markdown.
func table(name string) (string, error) {
	rows, ok := tables[name]
	if !ok {
		return "", fmt.Errorf("there is no table %q", name)
	}
	var lines []string
	for i, cells := range rows() {
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
		if i == 0 {
			lines = append(lines, "|"+strings.Repeat("---|", len(cells)))
		}
	}
	return strings.Join(lines, "\n"), nil
}
