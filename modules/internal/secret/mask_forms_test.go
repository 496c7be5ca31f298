// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

func TestSensitiveKeysOfOtherProgramsAndLanguages(t *testing.T) {
	for _, key := range []string{
		"secret_key_base", "secureJsonData", "secure_settings", "x-honeycomb-team", "signoz-ingestion-key", "RFC2136_TSIG_KEY", "keyPEM", "service_account_json",
		"pinCode", "pswd", "totp_seed", "unlockPin", "puk", "contraseña", "motDePasse", "wachtwoord", "hasło", "senha", "пароль", "パスワード",
	} {
		require.True(t, secret.Sensitive(key), key)
	}
	for _, key := range []string{"public_key_pem", "publicKeyPem", "serviceAccount", "serviceAccountName", "keyName", "topologyKey", "secureJsonFields", "pinned"} {
		require.False(t, secret.Sensitive(key), key)
	}
}

func TestMaskedHidesOtherForms(t *testing.T) {
	cases := map[string]struct {
		reason   string
		in, want any
	}{
		"what Grafana encrypts": {"all below the key, whatever it is called",
			fields{"datasources": []any{fields{"name": "Tempo", "secureJsonData": fields{"httpHeaderValue1": "hunter2"}}}, "settings": fields{"secure_settings": fields{"url": "hunter3"}}},
			fields{"datasources": []any{fields{"name": "Tempo", "secureJsonData": fields{"httpHeaderValue1": "***"}}}, "settings": fields{"secure_settings": fields{"url": "***"}}}},
		"the same in a file": {"as in a ConfigMap for its sidecar", "datasources:\n- secureJsonData:\n    tlsClientKey: hunter2\n", "datasources:\n- secureJsonData:\n    tlsClientKey: '***'\n"},
		"several in one text": {"with commas, but not how many", fields{"tokens": "hunter2,hunter3", "apiKeys": "hunter4", "maxTokens": "512", "numTokens": int64(3)},
			fields{"tokens": "***", "apiKeys": "***", "maxTokens": "512", "numTokens": int64(3)}},
		"users of a middleware": {"without a hash that tells", fields{"basicAuth": fields{"users": []any{"me:hunter2"}, "realm": "pi"}, "auth": fields{"users": fields{"me": "hunter3"}}},
			fields{"basicAuth": fields{"users": []any{"***"}, "realm": "pi"}, "auth": fields{"users": fields{"me": "***"}}}},
		"parameters": {"other words for name and value",
			[]any{fields{"key": "adminPassword", "val": "hunter2"}, fields{"param": "password", "value": "hunter3"}, fields{"id": "API_TOKEN", "stringValue": "hunter4"}, fields{"name": "pwd", "default": "hunter5"}, fields{"id": "port", "value": "80"}},
			[]any{fields{"key": "adminPassword", "val": "***"}, fields{"param": "password", "value": "***"}, fields{"id": "API_TOKEN", "stringValue": "***"}, fields{"name": "pwd", "default": "***"}, fields{"id": "port", "value": "80"}}},
		"a command as a list": {"the words of a login by place", []any{"curl", "-fsu", "me:hunter2", "http://x"}, []any{"curl", "-fsu", "me:***", "http://x"}},
		"a client as a list":  {"and after a flag of one letter", []any{"mc", "alias", "set", "x", "http://x", "me", "hunter2"}, []any{"mc", "alias", "set", "x", "http://x", "me", "***"}},
		"clients": {"flags of one letter", []any{"redis-cli -h x -a hunter2 ping", "mysql -uroot -phunter3 --protocol tcp", "echo; docker login -u me -p hunter4 r", "kubectl create secret generic a --from-literal=x=hunter5", "mysql -uroot -p db"},
			[]any{"redis-cli -h x -a *** ping", "mysql -uroot -p*** --protocol tcp", "echo; docker login -u me -p *** r", "kubectl create secret generic a --from-literal=x=***", "mysql -uroot -p db"}},
		"three quotes":        {"as Grafana's manual writes passwords with # and ;", "[smtp]\npassword = \"\"\"hunter2#x;\"\"\"\n[x]\ntoken = '''hunter3'''\n", "[smtp]\npassword = \"\"\"***\"\"\"\n[x]\ntoken = '''***'''\n"},
		"settings with space": {"as Fluent Bit's files have them", "[OUTPUT]\n    Name loki\n    http_user me\n    http_passwd hunter2\n    Header Authorization Bearer hunter3\n", "[OUTPUT]\n    Name loki\n    http_user me\n    http_passwd ***\n    Header Authorization ***\n"},
		"prose":               {"sentences are no settings", "the access_token expired\nmy_token is gone\nsee header Accept: x\n", "the access_token expired\nmy_token is gone\nsee header Accept: x\n"},
		"a proxy's header":    {"any name that tells", "proxy_set_header X-Api-Key hunter2;\nproxy_set_header Host x;", "proxy_set_header X-Api-Key ***;\nproxy_set_header Host x;"},
		"lines of hashes":     {"a file of users", "a:$apr1$x$hunter2\nb:$2y$05$hunter3\n", "a:***\nb:***\n"},
		"attributes":          {"of XML", `<add key="password" value="hunter2"/><a key="port" value="80"/>`, `<add key="password" value="***"/><a key="port" value="80"/>`},
		"characters of XML":   {"in a section", "<password><![CDATA[hunter2]]></password>", "<password><![CDATA[***]]></password>"},
		"programs":            {"constants and calls", []any{"define('DB_PASSWORD', 'hunter2');", `password := "hunter3"`, "SET PASSWORD FOR a = PASSWORD('hunter4');"}, []any{"define('DB_PASSWORD', '***');", `password := "***"`, "SET PASSWORD FOR a = PASSWORD('***');"}},
		"a key of OpenPGP":    {"it is called a block", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nhunter2\n-----END PGP PRIVATE KEY BLOCK-----\n", "-----BEGIN PGP PRIVATE KEY BLOCK----- *** -----END PGP PRIVATE KEY BLOCK-----\n"},
		"keys in addresses":   {"long ones; and the address of a check", []any{"https://x/api?key=hunter2hunter2hunter2", "https://x/?key=name", "https://hc-ping.com/hunter2"}, []any{"https://x/api?key=***", "https://x/?key=name", "***"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, secret.Masked(test.in), test.reason)
		})
	}
}
