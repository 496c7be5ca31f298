// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every start of the program initialises the variables of all its packages,
// whatever the task is. A literal without maps and calls costs nothing, since the
// linker fills it; anything else takes time, and maps code into memory.
func TestFewVariablesAreInitialisedAtStart(t *testing.T) {
	const most = 70
	var found []string
	for _, file := range sources(t) {
		if strings.Contains(file.name, "internal/testkit/") {
			continue
		}
		for _, declaration := range file.syntax.Decls {
			variables, ok := declaration.(*ast.GenDecl)
			if !ok || variables.Tok != token.VAR {
				continue
			}
			for _, spec := range variables.Specs {
				found = append(found, initialised(file.name, spec.(*ast.ValueSpec))...)
			}
		}
	}
	require.NotEmpty(t, found, "the walk through the sources finds them")
	require.LessOrEqual(t, len(found), most, "make them functions, or constants of type fault.Sentinel:\n%s", strings.Join(found, "\n"))
}

// initialised are the names of variables that need work at start; those named _
// are checks of the compiler.
func initialised(file string, spec *ast.ValueSpec) (names []string) {
	for i, value := range spec.Values {
		if spec.Names[i].Name != "_" && needsWork(value) {
			names = append(names, file+": "+spec.Names[i].Name)
		}
	}
	return names
}

// needsWork reports whether a value has a map or a call in it, outside the bodies
// of functions.
func needsWork(value ast.Expr) (needs bool) {
	ast.Inspect(value, func(node ast.Node) bool {
		switch node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr, *ast.MapType:
			needs = true
		}
		return true
	})
	return needs
}
