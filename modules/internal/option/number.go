// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// longest is the maximum of a Duration: no task runs for more than a day, and a
// sum of several stays far below what a time.Duration holds.
const longest = 24 * time.Hour

var (
	errNotFinite = errors.New("must be a finite number, not .nan or .inf")
	errNotWhole  = errors.New("must be a whole number")
	errNoNumber  = errors.New("must be a number")
)

// Between is a Check for an Int, with inclusive bounds.
func Between(least, most int64) func(value any) error {
	return func(value any) error {
		n, isInt := value.(int64)
		switch {
		case !isInt:
			return errNotWhole
		case n < least && least == 0:
			return errors.New("must not be negative")
		case n < least:
			return fmt.Errorf("must be at least %d", least)
		case n > most:
			return fmt.Errorf("must be at most %d", most)
		}
		return nil
	}
}

// number is a number as digits: as received, or from a default or a test
// written in Go.
func number(value any) (digits json.Number, isNumber bool) {
	switch v := value.(type) {
	case json.Number:
		return v, true
	case int:
		return json.Number(strconv.Itoa(v)), true
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), true
	case float64:
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64)), true
	}
	return "", false
}

// digits is the text of a number, or a text that may be one.
func digits(value any) (string, bool) {
	if n, isNumber := number(value); isNumber {
		return n.String(), true
	}
	text, isText := value.(string)
	return strings.TrimSpace(text), isText
}

// finite parses a decimal number. Go's parser also accepts hexadecimal numbers,
// underscores and words for non-finite values.
func finite(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case math.IsInf(f, 0), math.IsNaN(f):
		return 0, errNotFinite
	case err != nil, strings.ContainsAny(text, "xX_"):
		return 0, errNoNumber
	}
	return f, nil
}

// exact is the bound up to which a float64 holds every whole number.
const exact = 1 << 53

func toInt(value any) (any, error) {
	text, known := digits(value)
	if n, err := strconv.ParseInt(text, 10, 64); known && err == nil {
		return n, nil
	}
	if _, isNumber := number(value); !isNumber {
		return nil, errNotWhole
	}
	f, err := finite(text)
	switch {
	case err != nil:
		return nil, err
	case f != math.Trunc(f):
		return nil, errNotWhole
	case math.Abs(f) > exact:
		return nil, errors.New("must be a smaller number")
	}
	return int64(f), nil
}

func toFloat(value any) (any, error) {
	text, known := digits(value)
	if !known {
		return nil, errNoNumber
	}
	f, err := finite(text)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func toDuration(value any) (any, error) {
	text, known := digits(value)
	if !known {
		return nil, errNoDuration
	}
	d, err := parsedDuration(text)
	switch {
	case err != nil:
		return nil, err
	case d <= 0:
		return nil, errors.New("must be longer than 0")
	case d > longest:
		return nil, fmt.Errorf("must be at most %.0fh", longest.Hours())
	}
	return int64(d), nil
}

var errNoDuration = errors.New("must be a duration such as 30s, 10m or a number of seconds")

// parsedDuration reads a number of seconds or Go's notation. A number that is
// too large for a time.Duration becomes the largest.
func parsedDuration(text string) (time.Duration, error) {
	seconds, err := finite(text)
	switch {
	case errors.Is(err, errNotFinite):
		return 0, err
	case err == nil:
		largest := float64(math.MaxInt64 / time.Second)
		return time.Duration(max(-largest, min(largest, seconds)) * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errNoDuration
	}
	return d, nil
}
