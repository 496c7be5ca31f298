// SPDX-License-Identifier: AGPL-3.0-or-later

package traceql

import (
	"fmt"
	"regexp"
	"strings"
)

// token is a word of a query and its position, counted from 1.
type token struct {
	text   string
	column int
}

// words are what queries consist of: strings, numbers with units, names with scopes, operators.
var words = regexp.MustCompile("^(?:\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|-?[0-9]+(?:\\.[0-9]+)?(?:ns|us|µs|ms|s|m|h)?|" +
	`[A-Za-z_.][A-Za-z0-9_./:-]*|&&|\|\||!=|=~|!~|>=|<=|[{}()|=<>,!])`)

// lex splits a query into tokens.
func lex(query string) ([]token, error) {
	var all []token
	for at := 0; at < len(query); {
		if strings.ContainsRune(" \t\n", rune(query[at])) {
			at++
			continue
		}
		found := words.FindString(query[at:])
		if found == "" {
			return nil, fmt.Errorf("parse error at line 1, col %d: syntax error: unexpected %q", at+1, query[at])
		}
		all = append(all, token{found, at + 1})
		at += len(found)
	}
	return all, nil
}
