// SPDX-License-Identifier: AGPL-3.0-or-later

// Package traceql parses and evaluates the part of TraceQL that the lab's chain and its tests use: one spanset with
// conditions on attributes and intrinsics, and rate() or count_over_time() of it. Anything else is refused as Tempo
// refuses what it cannot read.
package traceql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query is a parsed query.
type Query struct {
	filter node
	// Metric is "rate" or "count_over_time", "" for a search.
	Metric string
	// By are the attributes that series are grouped by.
	By []string
}

// parser walks over the tokens of a query.
type parser struct {
	words []token
	at    int
	end   int
}

// Parse parses a query.
func Parse(query string) (Query, error) {
	words, err := lex(query)
	if err != nil {
		return Query{}, err
	}
	p := &parser{words: words, end: len(query) + 1}
	parsed, err := p.query()
	if err == nil && p.peek() != "" {
		err = p.unexpected()
	}
	return parsed, err
}

func (p *parser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at].text
	}
	return ""
}

func (p *parser) next() string {
	text := p.peek()
	p.at++
	return text
}

// signs are the names of tokens in Tempo's messages.
var signs = map[string]string{"": "$end"}

func (p *parser) unexpected() error {
	column := p.end
	if p.at < len(p.words) {
		column = p.words[p.at].column
	}
	text := p.peek()
	if other, ok := signs[text]; ok {
		text = other
	}
	return fmt.Errorf("parse error at line 1, col %d: syntax error: unexpected %s", column, text)
}

func (p *parser) expect(text string) error {
	if p.peek() != text {
		return p.unexpected()
	}
	p.at++
	return nil
}

// query is { conditions } | rate() by (attributes).
func (p *parser) query() (Query, error) {
	var query Query
	if err := p.expect("{"); err != nil {
		return query, err
	}
	if p.peek() != "}" {
		filter, err := p.either()
		if err != nil {
			return query, err
		}
		query.filter = filter
	}
	if err := p.expect("}"); err != nil {
		return query, err
	}
	if p.peek() != "|" {
		return query, nil
	}
	p.at++
	return query, p.metric(&query)
}

func (p *parser) metric(query *Query) error {
	if !slices.Contains([]string{"rate", "count_over_time"}, p.peek()) {
		return p.unexpected()
	}
	query.Metric = p.next()
	if err := errors.Join(p.expect("("), p.expect(")")); err != nil {
		return p.unexpected()
	}
	if p.peek() != "by" {
		return nil
	}
	p.at++
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		query.By = append(query.By, p.next())
		if p.peek() != "," {
			return p.expect(")")
		}
		p.at++
	}
}

// either is conditions joined by ||, which binds less tightly than &&.
func (p *parser) either() (node, error) { return p.chain("||", p.both) }

func (p *parser) both() (node, error) { return p.chain("&&", p.condition) }

func (p *parser) chain(sign string, part func() (node, error)) (node, error) {
	left, err := part()
	for err == nil && p.peek() == sign {
		p.at++
		var right node
		right, err = part()
		left = join{sign == "&&", left, right}
	}
	return left, err
}

var operators = []string{"=", "!=", "=~", "!~", ">", ">=", "<", "<="}

// condition is a comparison, or conditions in parentheses.
func (p *parser) condition() (node, error) {
	if p.peek() == "(" {
		p.at++
		inner, err := p.either()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	field := p.peek()
	if field == "true" {
		p.at++
		return always{}, nil
	}
	if !known(field) {
		return nil, p.unexpected()
	}
	p.at++
	if !slices.Contains(operators, p.peek()) {
		return nil, p.unexpected()
	}
	operator := p.next()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	return newComparison(field, operator, value)
}

// intrinsics are what every span has (grafana/tempo, docs, TraceQL: Intrinsic fields).
var intrinsics = []string{"name", "duration", "status", "kind", "statusMessage", "rootName", "rootServiceName", "traceDuration",
	"span:name", "span:duration", "span:status", "span:kind", "span:id", "trace:id", "trace:rootName", "trace:rootService", "trace:duration"}

func known(field string) bool {
	return slices.Contains(intrinsics, field) || strings.HasPrefix(field, ".") && len(field) > 1 ||
		strings.HasPrefix(field, "span.") || strings.HasPrefix(field, "resource.")
}

// value is a string, a number, a duration, or one of the words for status and kind.
func (p *parser) value() (any, error) {
	text := p.peek()
	switch {
	case text == "":
		return nil, p.unexpected()
	case text[0] == '"' || text[0] == '`':
		p.at++
		return strconv.Unquote(text)
	case text == "true" || text == "false":
		p.at++
		return text == "true", nil
	case slices.Contains([]string{"nil", "ok", "error", "unset", "server", "client", "producer", "consumer", "internal", "unspecified"}, text):
		p.at++
		return word(text), nil
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		p.at++
		return number, nil
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		return nil, p.unexpected()
	}
	p.at++
	return length, nil
}

// word is a value that is a name: error, server.
type word string

func newComparison(field, operator string, value any) (node, error) {
	c := comparison{field: field, operator: operator, value: value}
	if operator == "=~" || operator == "!~" {
		text, _ := value.(string)
		pattern, err := regexp.Compile("^(?:" + text + ")$")
		if err != nil {
			return nil, fmt.Errorf("invalid regular expression: %w", err)
		}
		c.pattern = pattern
	}
	return c, nil
}
