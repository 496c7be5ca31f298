// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

const canary = "S3CRET+canary/42\""

func TestTextNeverPrintsItsValue(t *testing.T) {
	text := secret.NewText(canary)
	holder := struct{ Key secret.Text }{text}
	cases := map[string]struct {
		reason string
		print  func() string
	}{
		"value verb":    {"the plain verb", func() string { return fmt.Sprintf("%v", text) }},
		"go syntax":     {"%#v prints fields of other structs", func() string { return fmt.Sprintf("%#v", holder) }},
		"plus verb":     {"%+v of a struct that holds it", func() string { return fmt.Sprintf("%+v", holder) }},
		"quoted":        {"%q bypasses String", func() string { return fmt.Sprintf("%q", text) }},
		"hexadecimal":   {"%x would be the value in disguise", func() string { return fmt.Sprintf("%x", text) }},
		"pointer":       {"a pointer has the same methods", func() string { return fmt.Sprintf("%s", &text) }},
		"wrapped error": {"an error that quotes it", func() string { return fmt.Errorf("login with %s", text).Error() }},
		"json":          {"results are JSON", func() string { data, _ := json.Marshal(holder); return string(data) }},
		"slog": {"a logger asks for LogValue", func() string {
			var out bytes.Buffer
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", text)
			return out.String()
		}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			printed := test.print()
			require.NotContains(t, printed, "canary", test.reason)
			require.NotContains(t, printed, "63616e617279", test.reason)
			require.Contains(t, printed, "***", test.reason)
		})
	}
}

func TestTextOfJSON(t *testing.T) {
	var text secret.Text
	require.NoError(t, json.Unmarshal([]byte(`"hunter2"`), &text))
	require.Equal(t, "hunter2", text.Reveal())

	err := json.Unmarshal([]byte(`{"hunter2":1}`), &text)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2", "an error must not quote what may be a secret")
}

func TestRedactorText(t *testing.T) {
	cases := map[string]struct{ reason, secret, text, want string }{
		"plain":           {"anywhere in a word", "hunter2", "key=hunter2;", "key=VALUE_SPECIFIED_IN_NO_LOG_PARAMETER;"},
		"base64":          {"Kubernetes Secrets", "hunter2", "data: aHVudGVyMg==", "data: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
		"percent-encoded": {"URLs in errors of net/http", "a b/c&d", "?p=a+b%2Fc%26d", "?p=VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
		"json-escaped":    {"a message that quotes a body", `pa"ss`, `{"p":"pa\"ss"}`, `{"p":"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}`},
		"short as a word": {"a short one as a whole word", "abc", "key abc.", "key VALUE_SPECIFIED_IN_NO_LOG_PARAMETER."},
		"short in a word": {"otherwise the output would be unreadable", "abc", "abcd", "abcd"},
		"empty":           {"an empty secret hides nothing", "", "text", "text"},
		"no secret":       {"other text is unchanged", "hunter2", "hunter", "hunter"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var redactor secret.Redactor
			redactor.Add(secret.NewText(test.secret))
			require.Equal(t, test.want, redactor.Text(test.text), test.reason)
		})
	}
}

func TestRedactorHidesTheLongerSecretWhole(t *testing.T) {
	var redactor secret.Redactor
	redactor.Add(secret.NewText("hunter"), secret.NewText("hunter2000"))
	require.Equal(t, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", redactor.Text("hunter2000"),
		"the rest of the longer one would tell half of it")
}

func TestRedactorValueWalksEveryDepth(t *testing.T) {
	var redactor secret.Redactor
	redactor.Add(secret.NewText("hunter2"))
	in := map[string]any{"a": []any{map[string]any{"b": "x hunter2"}}, "n": 3.5, "t": true}
	require.Equal(t, map[string]any{
		"a": []any{map[string]any{"b": "x VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}}, "n": 3.5, "t": true,
	}, redactor.Value(in))
	require.Equal(t, "x hunter2", in["a"].([]any)[0].(map[string]any)["b"], "the input is not modified")
}

func TestSensitive(t *testing.T) {
	cases := map[string]bool{
		"secret_key": true, "access_key": true, "password": true, "basicAuthPassword": true, "session_token": true,
		"apiKey": true, "httpHeaderToken": true, "client-secret": true, "SECRET_KEY": true, "auth.password": true,
		"secretName": false, "existingSecret": false, "bucket": false, "tokens": false, "key": false,
		"serviceAccountTokenName": false, "replication_factor": false,
	}
	for key, want := range cases {
		require.Equal(t, want, secret.Sensitive(key), key)
	}
}

func TestMaskedAndWithin(t *testing.T) {
	values := map[string]any{
		"storage": map[string]any{"s3": map[string]any{"secret_key": "hunter2", "bucket": "b", "access_key": ""}},
		"list":    []any{map[string]any{"password": "pw"}},
	}
	require.Equal(t, map[string]any{
		"storage": map[string]any{"s3": map[string]any{"secret_key": "***", "bucket": "b", "access_key": ""}},
		"list":    []any{map[string]any{"password": "***"}},
	}, secret.Masked(values))
	found := []string{}
	for _, text := range secret.Within(values) {
		found = append(found, text.Reveal())
	}
	require.ElementsMatch(t, []string{"hunter2", "pw", ""}, found)
}
