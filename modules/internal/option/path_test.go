// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

const hiddenName = "(a name that is not shown, since it may be the secret itself)"

func TestIsPath(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte("-----BEGIN PRIVATE KEY-----\nhunter2\n"))
	cases := map[string]struct {
		reason, value string
		path          bool
		shown         string
	}{
		"absolute":  {"as users write it", "/etc/rancher/k3s/k3s.yaml", true, "/etc/rancher/k3s/k3s.yaml"},
		"home":      {"it is expanded later", "~/.kube/config", true, "~/.kube/config"},
		"variable":  {"so is this", "$HOME/.kube/config", true, "$HOME/.kube/config"},
		"relative":  {"the extension shows it", "certs/ca.pem", true, "certs/ca.pem"},
		"config":    {"the usual name", "config", true, "config"},
		"nothing":   {"no value", "", true, ""},
		"word":      {"a token in place of a path", "hunter2", true, hiddenName},
		"hash":      {"a dollar sign alone does not make a path", "$2y$10$hunter/2", true, hiddenName},
		"PEM":       {"the content of the file", "-----BEGIN PRIVATE KEY-----\nhunter2\n", false, hiddenName},
		"one line":  {"PEM text that lost its line breaks", "-----BEGIN PRIVATE KEY----- hunter2", false, hiddenName},
		"YAML":      {"a kubeconfig", "apiVersion: v1\nusers: []\n", false, hiddenName},
		"YAML line": {"a short one", "token: hunter2", false, hiddenName},
		"JSON":      {"a kubeconfig as well", `{"apiVersion":"v1"}`, false, hiddenName},
		"base64":    {"as CI systems store it", encoded, false, hiddenName},
		"long":      {"no file name is that long", strings.Repeat("hunter2", 40), false, hiddenName},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.path, option.IsPath(test.value), test.reason)
			require.Equal(t, test.shown, option.Shown(test.value), test.reason)
		})
	}
	require.Contains(t, option.Decoded(encoded), "hunter2")
}

func TestPathsAreNotContent(t *testing.T) {
	table := option.Table{Options: []option.Option{
		{Name: "src", Type: option.List, Elements: option.Path}, {Name: "report", Type: option.Path}, {Name: "client_key", Type: option.Path, Inline: true},
	}}
	values, err := table.Decode(map[string]any{
		"src": []any{"kind: Secret\nstringData: {a: hunter2}"}, "report": "-----BEGIN hunter3", "client_key": "-----BEGIN PRIVATE KEY-----\nhunter4",
	}, func(string) (string, bool) { return "", false })
	require.EqualError(t, err, "2 problems: src[0] must be the path of a file, not what is in it; report must be the path of a file, not what is in it")
	var found []string
	for _, text := range values.Secrets() {
		found = append(found, text.Reveal())
	}
	require.Contains(t, found, "-----BEGIN PRIVATE KEY-----\nhunter4")
	require.Contains(t, found, "-----BEGIN hunter3")

	values, err = table.Decode(map[string]any{"client_key": "hunter5"}, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	require.Equal(t, "hunter5", values.Secrets()[0].Reveal(), "a token in place of a path")
}
