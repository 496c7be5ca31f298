// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

const asText = `apiVersion: v1
kind: Config
current-context: c
clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: c, context: {cluster: k, user: u, namespace: shop}}]
users: [{name: u, user: {token: S3CRET-token}}]
`

func TestKubeconfigAsText(t *testing.T) {
	var tree any
	require.NoError(t, json.Unmarshal([]byte(`{"apiVersion":"v1","kind":"Config","current-context":"c",
		"clusters":[{"name":"k","cluster":{"server":"https://127.0.0.1:1"}}],"contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],
		"users":[{"name":"u","user":{"token":"S3CRET-token"}}]}`), &tree))
	encoded, err := json.Marshal(tree)
	require.NoError(t, err)
	for name, value := range map[string]any{
		"YAML": asText, "JSON": string(encoded), "base64": base64.StdEncoding.EncodeToString([]byte(asText)), "a dictionary": tree,
	} {
		t.Run(name, func(t *testing.T) {
			config, err := Access{Kubeconfig: value}.RESTConfig()
			require.NoError(t, err)
			require.Equal(t, "https://127.0.0.1:1", config.Host)
			require.Equal(t, "S3CRET-token", config.BearerToken)
			require.Contains(t, secretsOf(value), secret.NewText("S3CRET-token"))
		})
	}
}

func TestErrorsDoNotQuotePossibleSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte("apiVersion: v1\nusers: [{name: a, user: {token: [S3CRET, 73919823740]}}]\n"), 0o600))
	swapped := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(swapped, []byte(asText[:len(asText)-len("token: S3CRET-token}}]\n")]+`client-certificate: "/x", client-key: "S3CRET-key"}}]`), 0o600))
	key := "-----BEGIN PRIVATE KEY-----\nS3CRET\n"
	cases := map[string]struct {
		reason string
		access Access
	}{
		"no cluster in it":          {"text with only a login", Access{Kubeconfig: "apiVersion: v1\nusers: [{name: a, user: {token: S3CRET}}]\n"}},
		"broken text":               {"it cannot be parsed", Access{Kubeconfig: "apiVersion: v1\n  users: [S3CRET\n"}},
		"broken JSON":               {"it cannot be parsed either", Access{Kubeconfig: `{"users": "S3CRET"`}},
		"another dictionary":        {"fields have the wrong types", Access{Kubeconfig: map[string]any{"users": "S3CRET"}}},
		"a token for a path":        {"somebody mixed the options up", Access{Kubeconfig: "S3CRET"}},
		"a long line":               {"no file name is that long", Access{Kubeconfig: "S3CRET" + string(make([]byte, 300))}},
		"a broken file":             {"the parser quotes numbers", Access{Kubeconfig: file}},
		"a key for a path in it":    {"client-key is used instead of client-key-data", Access{Kubeconfig: swapped}},
		"a key as text":             {"and the certificate is missing", Access{Kubeconfig: asText, ClientCert: "/x", ClientKey: key}},
		"both as text":              {"and neither is PEM", Access{Kubeconfig: asText, ClientCert: "-----BEGIN CERTIFICATE-----\nS3CRET", ClientKey: key}},
		"a key in one line":         {"YAML folded its lines", Access{Kubeconfig: asText, ClientCert: "/x", ClientKey: "-----BEGIN PRIVATE KEY----- S3CRET"}},
		"a key without its frame":   {"only the base64 lines", Access{Kubeconfig: asText, ClientCert: "/x", ClientKey: "MIIS3CRET"}},
		"a key as base64":           {"as CI systems store it", Access{Kubeconfig: asText, ClientCert: "/x", ClientKey: base64.StdEncoding.EncodeToString([]byte(key))}},
		"a CA as text that is none": {"all modules share this option", Access{Kubeconfig: asText, CACert: "-----BEGIN S3CRET"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := test.access.Clients()
			require.Error(t, err, test.reason)
			require.NotContains(t, err.Error(), "S3CRET", test.reason)
			require.NotContains(t, err.Error(), "UzNDUkVU", test.reason)
			require.NotContains(t, err.Error(), "73919823740", test.reason)
		})
	}
}

func TestKubeconfigInTheEnvironmentNamesFiles(t *testing.T) {
	t.Setenv("KUBECONFIG", asText)
	_, err := Access{}.RESTConfig()
	require.EqualError(t, err, "read KUBECONFIG: it holds a kubeconfig, but must be the path of one")
}

func TestKubeconfigOfAnotherType(t *testing.T) {
	table := option.Table{Options: Options()}
	_, err := table.Decode(map[string]any{"kubeconfig": []any{"S3CRET"}, "host": "https://u:S3CRET@127.0.0.1"}, func(string) (string, bool) { return "", false })
	require.EqualError(t, err, "2 problems: kubeconfig must be a path, or a kubeconfig as a dictionary or as text; host must not hold a login")
}
