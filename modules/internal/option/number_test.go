// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

var numbers = option.Table{Options: []option.Option{
	{Name: "count", Type: option.Int, Check: option.Between(0, 100)},
	{Name: "rate", Type: option.Float},
	{Name: "wait", Type: option.Duration},
	{Name: "flag", Type: option.Bool},
}}

type quantities struct {
	Count int           `json:"count"`
	Rate  float64       `json:"rate"`
	Wait  time.Duration `json:"wait"`
	Flag  bool          `json:"flag"`
}

func TestNumbers(t *testing.T) {
	cases := map[string]struct {
		reason string
		value  any
		option string
		want   quantities
	}{
		"whole":                 {"a YAML number", json.Number("7"), "count", quantities{Count: 7}},
		"whole as a float":      {"Jinja divides like this", json.Number("7.0"), "count", quantities{Count: 7}},
		"whole with exponent":   {"Python writes large floats like this", json.Number("1e+2"), "count", quantities{Count: 100}},
		"text":                  {"a template", " 7 ", "count", quantities{Count: 7}},
		"rate":                  {"a fraction", json.Number("0.25"), "rate", quantities{Rate: 0.25}},
		"many digits of a rate": {"a third, where the last digits do not matter", json.Number("0.3333333333333333"), "rate", quantities{Rate: 0.3333333333333333}},
		"half a second":         {"a fraction of a second", json.Number("0.5"), "wait", quantities{Wait: 500 * time.Millisecond}},
		"seconds as text":       {"a template", "90", "wait", quantities{Wait: 90 * time.Second}},
		"a day":                 {"the longest", "24h", "wait", quantities{Wait: 24 * time.Hour}},
		"one is true":           {"as in Ansible", json.Number("1"), "flag", quantities{Flag: true}},
		"one point zero":        {"as in Ansible", json.Number("1.0"), "flag", quantities{Flag: true}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := numbers.Decode(map[string]any{test.option: test.value}, environment(nil))
			require.NoError(t, err, test.reason)
			var got quantities
			require.NoError(t, values.Into(&got))
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestInvalidNumbers(t *testing.T) {
	const notFinite = " must be a finite number, not .nan or .inf"
	cases := map[string]struct {
		reason string
		value  any
		option string
		want   string
	}{
		"too many":             {"above the maximum", json.Number("101"), "count", " must be at most 100"},
		"below":                {"negative", json.Number("-1"), "count", " must not be negative"},
		"beyond int64":         {"the digits of a larger type", json.Number("99999999999999999999"), "count", " must be a smaller number"},
		"1e300":                {"a float without a fraction", json.Number("1e300"), "count", " must be a smaller number"},
		"1e300 as text":        {"an integer is not written like this", "1e300", "count", " must be a whole number"},
		"infinite count":       {".inf", json.Number("9e999999"), "count", notFinite},
		"infinite rate":        {".inf", json.Number("9e999999"), "rate", notFinite},
		"rate that is no text": {"Go parses nan", "nan", "rate", notFinite},
		"infinite text":        {"Go parses Infinity, too", "-Infinity", "rate", notFinite},
		"hexadecimal text":     {"Go parses it, YAML does not", "0x1p-2", "rate", " must be a number"},
		"no time":              {"it would mean no limit", json.Number("0"), "wait", " must be longer than 0"},
		"no time in words":     {"the same", "0s", "wait", " must be longer than 0"},
		"negative":             {"a negative timeout", json.Number("-1"), "wait", " must be longer than 0"},
		"minus an hour":        {"the same", "-1h", "wait", " must be longer than 0"},
		"nanosecond's part":    {"it rounds to 0", json.Number("1e-12"), "wait", " must be longer than 0"},
		"forever":              {"it overflows", json.Number("1e300"), "wait", " must be at most 24h"},
		"forever as text":      {"it overflows", "1e300", "wait", " must be at most 24h"},
		"forever backwards":    {"it overflows too", json.Number("-1e300"), "wait", " must be longer than 0"},
		"years":                {"more than time.Duration holds", json.Number("9300000000"), "wait", " must be at most 24h"},
		"a day and a second":   {"above the maximum", "24h1s", "wait", " must be at most 24h"},
		"infinite wait":        {".inf", json.Number("9e999999"), "wait", notFinite},
		"nan wait":             {"Go parses it", "NaN", "wait", notFinite},
		"days":                 {"Go has no unit for days", "1d", "wait", " must be a duration such as 30s, 10m or a number of seconds"},
		"a list":               {"not a number", []any{json.Number("1")}, "wait", " must be a duration such as 30s, 10m or a number of seconds"},
		"a boolean":            {"not a number", true, "count", " must be a whole number"},
		"two is not a boolean": {"neither true nor false", json.Number("2"), "flag", " must be a boolean such as true or false"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := numbers.Decode(map[string]any{test.option: test.value}, environment(nil))
			require.EqualError(t, err, test.option+test.want, test.reason)
		})
	}
}
