// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// token is a word of LogQL. Kind is what Loki calls it in its errors: IDENTIFIER, STRING, NUMBER, $end, or the word itself.
type token struct {
	kind, text   string
	line, column int
}

// operators are those of two characters.
var operators = map[string]bool{"|=": true, "|~": true, "|>": true, "!=": true, "!~": true, "!>": true, "=~": true, "==": true, ">=": true, "<=": true}

// stages are LogQL's words after a "|" that are not label names.
var stages = map[string]bool{
	"json": true, "logfmt": true, "regexp": true, "pattern": true, "unpack": true, "line_format": true, "label_format": true,
	"decolorize": true, "drop": true, "keep": true, "unwrap": true,
}

// functions are keywords only before a parenthesis.
var functions = map[string]bool{
	"vector": true, "count_over_time": true, "rate": true, "bytes_over_time": true, "bytes_rate": true, "sum_over_time": true, "sum": true,
	"count": true, "avg": true, "min": true, "max": true, "topk": true, "bottomk": true, "sort": true, "label_replace": true, "ip": true,
}

// scan reads a query into tokens, the last of which is $end.
func scan(text string) (tokens []token, err error) {
	var words scanner.Scanner
	words.Init(strings.NewReader(text))
	words.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats | scanner.ScanStrings | scanner.ScanRawStrings
	words.Error = func(s *scanner.Scanner, message string) {
		at := s.Position
		if err == nil {
			err = &syntaxError{at.Line, at.Column, message}
		}
	}
	for {
		next := read(&words)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, next)
		if next.kind == end {
			return tokens, nil
		}
	}
}

// end is the kind of the token after the last word.
const end = "$end"

func read(words *scanner.Scanner) token {
	kind := words.Scan()
	for kind == '#' { // a comment
		for words.Peek() != '\n' && words.Peek() != scanner.EOF {
			words.Next()
		}
		kind = words.Scan()
	}
	text := words.TokenText()
	next := token{kind: text, text: text, line: words.Line, column: words.Column}
	switch kind {
	case scanner.EOF:
		at := words.Pos()
		return token{kind: end, line: at.Line, column: at.Column}
	case scanner.String, scanner.RawString:
		next.kind = "STRING"
		next.text, _ = strconv.Unquote(text) // the scanner has read it to its end
	case scanner.Int, scanner.Float:
		next.kind = "NUMBER"
	case scanner.Ident:
		if !stages[text] && (!functions[text] || words.Peek() != '(') {
			next.kind = "IDENTIFIER"
		}
	default:
		if operators[text+string(words.Peek())] {
			next.kind += string(words.Next())
		}
	}
	return next
}

// syntaxError is Loki's error for a query that it cannot parse.
type syntaxError struct {
	line, column int
	message      string
}

func (e *syntaxError) Error() string {
	if e.line == 0 {
		return "parse error : " + e.message
	}
	return fmt.Sprintf("parse error at line %d, col %d: %s", e.line, e.column, e.message)
}
