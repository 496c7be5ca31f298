// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parsed is a Go file of the product with its syntax.
type parsed struct {
	name   string
	syntax *ast.File
	set    *token.FileSet
}

func sources(t *testing.T) []parsed {
	t.Helper()
	var all []parsed
	for _, name := range files(t, "modules", ".go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments)
		require.NoError(t, err)
		all = append(all, parsed{name, syntax, set})
	}
	return all
}

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	comments := map[string][]string{}
	for _, file := range sources(t) {
		folder := filepath.Dir(file.name)
		comments[folder] = append(comments[folder], "")
		if file.syntax.Doc != nil && !strings.HasPrefix(file.syntax.Doc.Text(), "SPDX") {
			comments[folder] = append(comments[folder], file.name)
		}
	}
	for folder, names := range comments {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
		require.Len(t, names, 1, "%s needs exactly one package comment", folder)
	}
}

func TestFunctionsStayShort(t *testing.T) {
	const limit = 60
	for _, file := range sources(t) {
		for _, declaration := range file.syntax.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || returnsTable(function) {
				continue
			}
			lines := file.set.Position(function.End()).Line - file.set.Position(function.Pos()).Line
			require.LessOrEqual(t, lines, limit, "%s: %s", file.name, function.Name.Name)
		}
	}
}

// returnsTable tells a function whose body is data: an option table.
func returnsTable(function *ast.FuncDecl) bool {
	results := function.Type.Results
	if results == nil || len(results.List) != 1 {
		return false
	}
	switch kind := results.List[0].Type.(type) {
	case *ast.SelectorExpr:
		return kind.Sel.Name == "Table"
	case *ast.ArrayType:
		item, ok := kind.Elt.(*ast.SelectorExpr)
		return ok && item.Sel.Name == "Option"
	}
	return false
}

// Ways out of a program are left to its main; a test that runs a task in a
// process of its own stands in for one.
func TestOnlyMainExits(t *testing.T) {
	for _, file := range sources(t) {
		if filepath.Base(file.name) == "main.go" || strings.Contains(file.name, "internal/testkit/") {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			call, ok := node.(*ast.SelectorExpr)
			if ok {
				owner, _ := call.X.(*ast.Ident)
				require.False(t, owner != nil && owner.Name == "os" && call.Sel.Name == "Exit", "%s exits", file.name)
			}
			return true
		})
	}
}

// No start of the program compiles them, so that a wrong one would show only when
// it is used.
func TestRegularExpressionsCompile(t *testing.T) {
	found := 0
	for _, file := range sources(t) {
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			literal, ok := node.(*ast.CompositeLit)
			if !ok {
				return true
			}
			kind, ok := literal.Type.(*ast.SelectorExpr)
			if !ok || kind.Sel.Name != "Regexp" || len(literal.Elts) != 1 {
				return true
			}
			text, ok := literal.Elts[0].(*ast.KeyValueExpr).Value.(*ast.BasicLit)
			require.True(t, ok, "%s: an expression is written in one piece", file.name)
			expression, err := strconv.Unquote(text.Value)
			require.NoError(t, err)
			_, err = regexp.Compile(expression)
			require.NoError(t, err, file.name)
			found++
			return true
		})
	}
	require.Greater(t, found, 30, "the walk through the sources finds them")
}
