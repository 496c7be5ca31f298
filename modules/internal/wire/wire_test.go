// SPDX-License-Identifier: AGPL-3.0-or-later

package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

func TestReadRequest(t *testing.T) {
	cases := map[string]struct {
		reason, in string
		want       wire.Request
	}{
		"full name": {"Ansible includes the collection's name", `{"_ansible_module_name":"picluster.tracing.tempo_helm","name":"x"}`, wire.Request{Module: "tempo_helm", Options: map[string]any{"name": "x"}}},
		"modes":     {"check, diff and -vv", `{"_ansible_check_mode":true,"_ansible_diff":true,"_ansible_verbosity":2}`, wire.Request{Check: true, Diff: true, Verbosity: 2, Options: map[string]any{}}},
		"unknown":   {"every ansible-core release adds keys", `{"_ansible_inject_invocation":false,"_ansible_next":{"a":1}}`, wire.Request{Options: map[string]any{}}},
		"numbers":   {"digits are kept at every depth", `{"a":[1,2.5,{"b":12345678901234567890}]}`, wire.Request{Options: map[string]any{"a": []any{json.Number("1"), json.Number("2.5"), map[string]any{"b": json.Number("12345678901234567890")}}}}},
		"no number": {"Python's spelling of what JSON lacks", `{"a":NaN,"b":[Infinity,-Infinity],"c":"NaN \"NaN\\","d":Infinity}`, wire.Request{Options: map[string]any{
			"a": json.Number("9e999999"), "b": []any{json.Number("9e999999"), json.Number("-9e999999")}, "c": `NaN "NaN\`, "d": json.Number("9e999999")}}},
		"null": {"omitted by the task", `{"a":null}`, wire.Request{Options: map[string]any{"a": nil}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := wire.ReadRequest(strings.NewReader(test.in))
			require.NoError(t, err)
			require.Equal(t, test.want, got, test.reason)
		})
	}
}

func TestReadRequestNeverQuotesItsInput(t *testing.T) {
	for _, in := range []string{`{"password":"hunter2"`, `{"password":Nhunter2}`, `{"password":N`, `["hunter2"]`, `null`, ``, `hunter2`} {
		_, err := wire.ReadRequest(strings.NewReader(in))
		require.EqualError(t, err, "read the arguments: they are not one JSON object")
	}
}

func TestReadRequestDoesNotWaitForTheEnd(t *testing.T) {
	in, out := io.Pipe()
	defer func() { _ = out.Close() }()
	go func() { _, _ = out.Write([]byte(`{"name":"x"}` + "\n")) }()
	request, err := wire.ReadRequest(in)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"name": "x"}, request.Options, "the sender does not have to close its end")
}

func TestResultIsOneLineWithoutSecrets(t *testing.T) {
	var out bytes.Buffer
	hide := &secret.Redactor{}
	hide.Add(secret.NewText("hunter2"))
	result := wire.Result{"changed": true, "text": "a\nb hunter2", "key": secret.NewText("other"), "typed": map[string]string{"k": "hunter2"}}
	require.NoError(t, result.Write(&out, hide))
	require.Equal(t, `{"changed":true,"key":"***","text":"a\nb VALUE_SPECIFIED_IN_NO_LOG_PARAMETER","typed":{"k":"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}}`+"\n", out.String())
}

func TestMessagesAreBounded(t *testing.T) {
	hide := &secret.Redactor{}
	hide.Add(secret.NewText("S3CRET-CANARY-wire"))
	long := strings.Repeat("x", 16<<10-5) + "S3CRET-CANARY-wire" + strings.Repeat("y", 1<<20)
	result := wire.Failure(long)
	result["warnings"], result["kept"] = []string{long, "short"}, strings.Repeat("z", 100<<10)
	var out bytes.Buffer
	require.NoError(t, result.Write(&out, hide))
	require.Less(t, out.Len(), 125<<10, "a warning leaves space for the rest")
	require.Contains(t, out.String(), "more bytes)")
	require.Contains(t, out.String(), `"short"`)
	require.NotContains(t, out.String(), "S3CR", "no part of a secret")
	require.Contains(t, out.String(), strings.Repeat("z", 100<<10), "results are not human-readable text")
}
