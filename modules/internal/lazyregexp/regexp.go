// SPDX-License-Identifier: AGPL-3.0-or-later

// Package lazyregexp compiles regular expressions on first use, since one run needs
// few of them and each takes time and memory.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is an expression that is compiled once. As a package variable it costs
// nothing at start.
type Regexp struct {
	// Expr is in the syntax of package regexp.
	Expr string

	once     sync.Once
	compiled *regexp.Regexp
}

// Get is the compiled expression. It panics if Expr is invalid.
func (r *Regexp) Get() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.Expr) })
	return r.compiled
}
