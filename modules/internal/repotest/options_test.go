// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
)

// A row of a table that no code reads is an option without effect: it passes
// every test but this one.
func TestEveryOptionIsRead(t *testing.T) {
	used := uses(t)
	for _, module := range modules() {
		unread := []string{}
		for _, row := range flat("", registry.Modules[module]().Options().Options) {
			name := row[strings.LastIndex(row, ".")+1:]
			if !used.reads(module, name) {
				unread = append(unread, row)
			}
		}
		require.Empty(t, unread, "%s: no field with this json tag is read", module)
	}
}

func TestUnusedOptionIsFound(t *testing.T) {
	used := uses(t)
	require.True(t, used.reads("tempo_helm", "history_max"), "a field")
	require.True(t, used.reads("tempo_helm", "remote_write_url"), "a field of another package")
	require.False(t, used.reads("tempo_helm", "no_such_option"), "not a field")
	used.fields["tempo_helm"]["idle_option"] = []string{"IdleOption"}
	require.False(t, used.reads("tempo_helm", "idle_option"), "a field that is only declared")
}

// flat are the names of options, and of those within them.
func flat(prefix string, rows []option.Option) []string {
	var names []string
	for _, row := range rows {
		names = append(names, prefix+row.Name)
		names = append(names, flat(prefix+row.Name+".", row.Suboptions)...)
	}
	return names
}

// usage is what the sources of each package do, tests left out.
type usage struct {
	// fields are the names of struct fields by their json tag.
	fields map[string]map[string][]string
	// selected are the names that are behind a dot, texts the keys of maps.
	selected, texts map[string]map[string]bool
}

// reads reports whether the module, or a package below internal, has a field for
// the option and takes it, or looks it up in a map.
func (u usage) reads(module, name string) bool {
	for folder, fields := range u.fields {
		if folder != module && !strings.HasPrefix(folder, "internal/") {
			continue
		}
		if u.texts[folder][name] {
			return true
		}
		for _, field := range fields[name] {
			if u.selected[folder][field] || u.selected[module][field] {
				return true
			}
		}
	}
	return false
}

func uses(t *testing.T) usage {
	t.Helper()
	u := usage{map[string]map[string][]string{}, map[string]map[string]bool{}, map[string]map[string]bool{}}
	for _, name := range files(t, "modules", ".go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, 0)
		require.NoError(t, err)
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), "modules/")
		if u.fields[folder] == nil {
			u.fields[folder], u.selected[folder], u.texts[folder] = map[string][]string{}, map[string]bool{}, map[string]bool{}
		}
		u.file(folder, tree)
	}
	return u
}

func (u usage) file(folder string, tree *ast.File) {
	ast.Inspect(tree, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.Field:
			u.field(folder, n)
		case *ast.SelectorExpr:
			u.selected[folder][n.Sel.Name] = true
		case *ast.IndexExpr:
			u.text(folder, n.Index)
		case *ast.KeyValueExpr:
			u.text(folder, n.Key)
		}
		return true
	})
}

func (u usage) text(folder string, node ast.Expr) {
	if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		text, _ := strconv.Unquote(literal.Value)
		u.texts[folder][text] = true
	}
}

func (u usage) field(folder string, field *ast.Field) {
	if field.Tag == nil {
		return
	}
	tag, _ := strconv.Unquote(field.Tag.Value)
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	for _, ident := range field.Names {
		u.fields[folder][name] = append(u.fields[folder][name], ident.Name)
	}
}
