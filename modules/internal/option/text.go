// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"errors"
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

var (
	errNoText   = errors.New("must be a string")
	errBoolean  = errors.New("must be a string, but YAML turns words such as true, yes and on into booleans: put it in quotes")
	errRounded  = errors.New("must be a string, but YAML has turned it into a number and rounded it, so its digits are lost: put it in quotes")
	errNumber   = errors.New("must be a string, but YAML turns digits into a number: put it in quotes")
	errLastLine = errors.New("ends with a line break, which a file or a block of YAML adds and no login has: leave it out, with the filter trim for instance")
)

// keptDigits is how many digits every float64 keeps (IEEE 754): a fraction with
// no more comes back from YAML as it was typed.
const keptDigits = 15

var (
	whole    = lazyregexp.Regexp{Expr: `^-?[0-9]+$`}
	fraction = lazyregexp.Regexp{Expr: `^-?[0-9]+\.[0-9]+$`}
	anyDigit = lazyregexp.Regexp{Expr: `[0-9]`}
)

// toText turns a number into its digits, as far as YAML has kept them.
// Notations that YAML has already converted, such as 0x1F, 017 and 1.10, can no
// longer be recognised.
func toText(value any) (any, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool:
		return nil, errBoolean
	}
	digits, isNumber := number(value)
	if !isNumber {
		return nil, errNoText
	}
	text := digits.String()
	switch {
	case whole.Get().MatchString(text), fraction.Get().MatchString(text) && significant(text) <= keptDigits:
		return text, nil
	}
	if _, err := finite(text); err != nil {
		return nil, errors.New("must be a string, but YAML reads it as .nan or .inf, which are numbers: put it in quotes")
	}
	return nil, errRounded
}

// significant counts the digits of a number without leading zeros.
func significant(text string) int {
	text = strings.TrimLeft(strings.Replace(text, ".", "", 1), "-0")
	return len(anyDigit.Get().FindAllString(text, -1))
}

// onlyText refuses what Kubernetes, Grafana and S3 refuse too: a number or a
// boolean in a map of strings. Null is the empty string.
func onlyText(value any) (any, error) {
	switch value.(type) {
	case string:
		return value, nil
	case nil:
		return "", nil
	case bool:
		return nil, errBoolean
	}
	if _, isNumber := number(value); isNumber {
		return nil, errNumber
	}
	return nil, errNoText
}

// LastLine refuses a login or a secret of one line that ends or begins with a
// line break. A text of several lines, such as a certificate, usually ends with
// one. The error completes the sentence "NAME ...".
func LastLine(text string) error {
	trimmed := strings.Trim(text, "\r\n")
	if trimmed == text || strings.ContainsAny(trimmed, "\r\n") {
		return nil
	}
	return errLastLine
}

// login refuses a login or a secret that cannot be what was typed.
func (r *reader) login(name string, row Option, value any) {
	text, isText := value.(string)
	if !isText || (!row.Secret && !row.Login) {
		return
	}
	err := LastLine(text)
	if err == nil && row.Login {
		err = CheckLine(text)
	}
	if pythonFloat.Get().MatchString(text) {
		err = errRounded
	}
	if err != nil {
		r.fault("%s %v", name, err)
	}
}

// pythonFloat matches a float as Python writes it after rounding. Templates of
// ansible-core up to 2.18 pass it on as a string.
var pythonFloat = lazyregexp.Regexp{Expr: `^-?[0-9]\.[0-9]{15,16}e[+-][0-9]{2,3}$`}
