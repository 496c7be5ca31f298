// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"slices"
	"strconv"
)

// query is one that the stand-in can answer: a selector with its stages, or the value of a sum of vectors.
type query struct {
	selector []matcher
	stages   []stage
	vector   *float64
}

// parser reads the tokens of a query.
type parser struct {
	tokens []token
	at     int
}

// parse parses LogQL.
func parse(text string) (query, error) {
	tokens, err := scan(text)
	if err != nil {
		return query{}, err
	}
	if tokens[0].kind == end {
		return query{}, &syntaxError{message: "syntax error: unexpected $end"}
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == "vector" {
		return p.vectors()
	}
	return p.logs()
}

func (p *parser) peek() token { return p.tokens[p.at] }

// take consumes a token of that kind; want is what Loki would say it expects instead.
func (p *parser) take(kind, want string) (token, error) {
	next := p.peek()
	if next.kind != kind {
		return next, p.unexpected(want)
	}
	p.at++
	return next, nil
}

// others are keywords and operators that Loki knows and the stand-in does not; those that both know somewhere are not among them.
func (p *parser) others() bool {
	next := p.peek()
	switch next.kind {
	case "json", "vector", "ip", "|=", "|~", "!=", "!~", "=~", "==":
		return false
	case ">", "<", "-", "*", "/":
		return p.at > 0
	case "IDENTIFIER":
		joins := next.text == "and" || next.text == "or" || next.text == "by" || next.text == "without"
		return joins || p.at > 0 && p.tokens[p.at-1].kind == "json"
	}
	return stages[next.kind] || functions[next.kind] || operators[next.kind]
}

func (p *parser) unexpected(want string) error {
	next, kind := p.peek(), p.peek().kind
	if !p.others() {
		if want != "" {
			kind += ", expecting " + want
		}
		return &syntaxError{next.line, next.column, "syntax error: unexpected " + kind}
	}
	if next.text == "and" || next.text == "or" {
		kind = next.text
	}
	return &syntaxError{next.line, next.column, "syntax error: unexpected " + kind + ": the lab's stand-in for Loki does not know it"}
}

// vectors reads vector(N) + vector(N) ..., with which Grafana checks whether Loki is healthy.
func (p *parser) vectors() (query, error) {
	sum := 0.0
	for {
		for _, kind := range []string{"vector", "("} {
			if _, err := p.take(kind, ""); err != nil {
				return query{}, err
			}
		}
		number, err := p.take("NUMBER", "NUMBER")
		if err != nil {
			return query{}, err
		}
		if _, err := p.take(")", ")"); err != nil {
			return query{}, err
		}
		value, err := strconv.ParseFloat(number.text, 64)
		if err != nil {
			return query{}, &syntaxError{number.line, number.column, err.Error()}
		}
		sum += value
		if p.peek().kind == end {
			return query{vector: &sum}, nil
		}
		if _, err := p.take("+", ""); err != nil {
			return query{}, err
		}
	}
}

func (p *parser) logs() (query, error) {
	selector, err := p.selector()
	if err != nil {
		return query{}, err
	}
	asked := query{selector: selector}
	for p.peek().kind != end {
		next, err := p.stage()
		if err != nil {
			return query{}, err
		}
		asked.stages = append(asked.stages, next)
	}
	return asked, demanding(selector)
}

// selector reads {NAME OP "VALUE", ...}.
func (p *parser) selector() (all []matcher, err error) {
	if _, err := p.take("{", ""); err != nil {
		return nil, err
	}
	if p.peek().kind == "}" {
		p.at++
		return nil, nil
	}
	for want := "IDENTIFIER or }"; ; want = "IDENTIFIER" {
		name, err := p.take("IDENTIFIER", want)
		if err != nil {
			return nil, err
		}
		one, err := p.comparison(name.text, "= or =~ or !~ or !=", "STRING")
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		if p.peek().kind == "}" {
			p.at++
			return all, nil
		}
		if _, err := p.take(",", "} or ,"); err != nil {
			return nil, err
		}
	}
}

// comparison reads OP "VALUE".
func (p *parser) comparison(name, wantOp, wantValue string) (matcher, error) {
	op := p.peek()
	if !slices.Contains([]string{"=", "!=", "=~", "!~"}, op.kind) {
		return matcher{}, p.unexpected(wantOp)
	}
	p.at++
	value, err := p.take("STRING", wantValue)
	if err != nil {
		return matcher{}, err
	}
	return newMatcher(name, op.kind, value.text)
}

// stage reads |= "TEXT" and its like, | json, or | NAME OP "VALUE".
func (p *parser) stage() (stage, error) {
	next := p.peek()
	if slices.Contains([]string{"|=", "!=", "|~", "!~"}, next.kind) {
		p.at++
		value, err := p.take("STRING", "STRING or ip")
		if err != nil {
			return nil, err
		}
		return lineFilter(next.kind, value.text)
	}
	if _, err := p.take("|", ""); err != nil {
		return nil, err
	}
	if p.peek().kind == "json" {
		p.at++
		return fields, nil
	}
	name, err := p.take("IDENTIFIER", "")
	if err != nil {
		return nil, err
	}
	one, err := p.comparison(name.text, "", "")
	return labelFilter(one), err
}

// demanding requires a matcher that excludes streams without the label.
func demanding(selector []matcher) error {
	for _, one := range selector {
		if !one.fits("") {
			return nil
		}
	}
	return fmt.Errorf(`parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will`)
}
