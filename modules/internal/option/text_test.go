// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

var wording = option.Table{Options: []option.Option{
	{Name: "password", Type: option.Text, Secret: true},
	{Name: "user", Type: option.Text, Login: true},
	{Name: "note", Type: option.Text},
	{Name: "services", Type: option.List},
	{Name: "labels", Type: option.Map, Elements: option.Text},
	{Name: "headers", Type: option.Map, Elements: option.Text, Secret: true},
	{Name: "values", Type: option.Map},
	{Name: "tolerations", Type: option.List, Elements: option.Map},
	{Name: "definition", Type: option.Raw},
}}

func decoded(t *testing.T, raw map[string]any) map[string]any {
	t.Helper()
	values, err := wording.Decode(raw, environment(nil))
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, values.Into(&got))
	return got
}

func TestTextKeepsDigits(t *testing.T) {
	cases := map[string]struct{ reason, digits string }{
		"short":         {"a PIN", "1234"},
		"twenty digits": {"more than any Go type holds", "12345678901234567890"},
		"forty digits":  {"Python has whole numbers of any length", "1234567890123456789012345678901234567890"},
		"negative":      {"with its sign", "-42"},
		"a fraction":    {"ten digits and one", "1234567890.1"},
		"a version":     {"kept as short as it is", "2.9"},
		"with a zero":   {"Python keeps the zero", "5.0"},
		"15 digits":     {"the digits that every float keeps", "0.00123456789012345"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got := decoded(t, map[string]any{"password": json.Number(test.digits), "note": json.Number(test.digits), "services": []any{json.Number(test.digits)}})
			require.Equal(t, map[string]any{"password": test.digits, "note": test.digits, "services": []any{test.digits}}, got, test.reason)
		})
	}
}

func TestTextThatYAMLHasConverted(t *testing.T) {
	const (
		rounded = " must be a string, but YAML has turned it into a number and rounded it, so its digits are lost: put it in quotes"
		boolean = " must be a string, but YAML turns words such as true, yes and on into booleans: put it in quotes"
		endless = " must be a string, but YAML reads it as .nan or .inf, which are numbers: put it in quotes"
		number  = " must be a string, but YAML turns digits into a number: put it in quotes"
	)
	cases := map[string]struct {
		reason string
		raw    map[string]any
		want   string
	}{
		"exponent":           {"1.0e+5 arrives as a different text", map[string]any{"password": json.Number("1e+22")}, "password" + rounded},
		"as a text":          {"ansible-core up to 2.18 turns it into text in a template", map[string]any{"password": "1.2345678901234568e+22"}, "password" + rounded},
		"many digits":        {"the last digits are not those that were typed", map[string]any{"password": json.Number("0.12345678901234568")}, "password" + rounded},
		"small":              {"with an exponent", map[string]any{"note": json.Number("1e-05")}, "note" + rounded},
		"not finite":         {".nan", map[string]any{"password": json.Number("9e999999")}, "password" + endless},
		"boolean":            {"it could have been yes, on or true", map[string]any{"password": true}, "password" + boolean},
		"list":               {"not a text", map[string]any{"note": []any{"a"}}, "note must be a string"},
		"item":               {"reported with its index", map[string]any{"services": []any{"a", false}}, "services[1]" + boolean},
		"label":              {"Kubernetes refuses it too", map[string]any{"labels": map[string]any{"ssd": true}}, "labels.ssd" + boolean},
		"label with a slash": {"reported with a readable path", map[string]any{"labels": map[string]any{"example.com/ssd": json.Number("1")}}, `labels["example.com/ssd"]` + number},
		"label of a map":     {"not a text", map[string]any{"labels": map[string]any{"a": map[string]any{}}}, "labels.a must be a string"},
		"two labels":         {"all are reported at once, in order", map[string]any{"labels": map[string]any{"b": json.Number("9e999999"), "a": false}}, "2 problems: labels.a" + boolean + "; labels.b" + number},
		"values":             {".inf deep in a free-form map", map[string]any{"values": map[string]any{"a": []any{map[string]any{"b": json.Number("-9e999999")}}}}, "values.a[0].b must be a finite number, not .nan or .inf"},
		"large in values":    {"it would be rounded silently", map[string]any{"values": map[string]any{"pin": json.Number("12345678901234567890")}}, "values.pin has more digits than a number can hold: put it in quotes if it is text"},
		"one digit too many": {"a float64 would round it", map[string]any{"values": map[string]any{"limit": json.Number("9007199254740993")}}, "values.limit has more digits than a number can hold: put it in quotes if it is text"},
		"definition":         {"a raw option", map[string]any{"definition": map[string]any{"a": json.Number("9e999999")}}, "definition.a must be a finite number, not .nan or .inf"},
		"toleration":         {"a map in a list", map[string]any{"tolerations": []any{map[string]any{"seconds": json.Number("9e999999")}}}, "tolerations[0].seconds must be a finite number, not .nan or .inf"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := wording.Decode(test.raw, environment(nil))
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}

func TestFreeForm(t *testing.T) {
	got := decoded(t, map[string]any{
		"values":      map[string]any{"big": json.Number("9007199254740992"), "half": json.Number("0.5"), "list": []any{json.Number("1")}},
		"labels":      map[string]any{"a": "b", "empty": nil},
		"tolerations": []any{map[string]any{"seconds": json.Number("300")}},
	})
	require.Equal(t, map[string]any{
		"values":      map[string]any{"big": 9007199254740992.0, "half": 0.5, "list": []any{1.0}},
		"labels":      map[string]any{"a": "b", "empty": ""},
		"tolerations": []any{map[string]any{"seconds": 300.0}},
	}, got)
}

func TestFreeFormAsText(t *testing.T) {
	require.Equal(t, map[string]any{"values": map[string]any{"a": 1.0}}, decoded(t, map[string]any{"values": `{"a": 1}`}))
	for text, fault := range map[string]string{
		`{"a": 1} {"b": 2}`:         "values must be a dictionary",
		`{"big": 9007199254740993}`: "values.big has more digits than a number can hold: put it in quotes if it is text",
	} {
		_, err := wording.Decode(map[string]any{"values": text}, environment(nil))
		require.EqualError(t, err, fault)
	}
}

func TestTrailingNewlineInALogin(t *testing.T) {
	const ends = " ends with a line break, which a file or a block of YAML adds and no login has: leave it out, with the filter trim for instance"
	certificate := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	cases := map[string]struct {
		reason string
		raw    map[string]any
		want   string
	}{
		"secret":          {"a file written by the shell", map[string]any{"password": "hunter2\n"}, "password" + ends},
		"of Windows":      {"two characters", map[string]any{"password": "hunter2\r\n"}, "password" + ends},
		"two lines":       {"empty ones", map[string]any{"password": "hunter2\n\n"}, "password" + ends},
		"before":          {"a YAML block", map[string]any{"password": "\nhunter2"}, "password" + ends},
		"login":           {"not a secret, but just as wrong", map[string]any{"user": "root\n"}, "user" + ends},
		"within a login":  {"it would go into a header", map[string]any{"user": "a\nb"}, "user must be one line, without a line break or a tab"},
		"in a map":        {"reported with its key", map[string]any{"headers": map[string]any{"X-Token": "hunter2\n"}}, "headers.X-Token" + ends},
		"certificate":     {"a text of several lines ends with a newline", map[string]any{"password": certificate}, ""},
		"any other":       {"a YAML block is fine here", map[string]any{"note": "line\n"}, ""},
		"a map of others": {"it is not a login", map[string]any{"labels": map[string]any{"a": "b\n"}}, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := wording.Decode(test.raw, environment(nil))
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}

func TestNumericSecretsAreMasked(t *testing.T) {
	values, err := wording.Decode(map[string]any{
		"password": json.Number("12345678901234567890"), "values": map[string]any{"password": json.Number("7391982374")},
		"headers": map[string]any{"X-Pin": json.Number("4711")},
	}, environment(nil))
	require.Error(t, err)
	found := []string{}
	for _, text := range values.Secrets() {
		found = append(found, text.Reveal())
	}
	require.Subset(t, found, []string{"12345678901234567890", "7391982374", "4711"})
}
