// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

func TestSensitiveKeys(t *testing.T) {
	secrets := []string{
		"password", "Password", "dbpassword", "PGPASSWORD", "admin_password", "adminPassword", "passwd", "pass", "pwd", "passphrase", "passcode",
		"secret", "client-secret", "clientSecret", "webhookSecret", "cookie_secret", "credentials", "credential", "creds",
		"token", "authToken", "auth_token", "bearerToken", "bearer", "session_token", "sasToken", "sas", "jwt", "X-Auth-Token", "GITHUB_TOKEN",
		"Authorization", "Proxy-Authorization", "authorization", "basicAuth", "basic_auth", "htpasswd", "auth", "dsn", "SENTRY_DSN",
		"webhook_url", "webhookUrl", "slack_api_url", "apiKey", "api_key", "APIKey", "X-Api-Key", "accessKey", "access_key_id", "accessKeyId",
		"secretKey", "secret_access_key", "AWS_SECRET_ACCESS_KEY", "privateKey", "private_key", "signingKey", "encryption_key", "masterKey",
		"accountKey", "connectionString", "connection_string", "cookie", "Set-Cookie", "session", "sessionId", "pin", "otp", "password2",
		"passwordHash", "client-key-data", "tls.key", "sshKey", ".dockerconfigjson", "grafana.ini.security.admin_password",
		"tracing.otlp.http.headers.Authorization", "authHeader", "credentialsJson", "totp",
		"psk", "wifi_psk", "dbpass", "db_userpass", "smtpPass", "keypass", "storepass", "bindpw", "rootpw", "userpw", "pepper", "csrf", "routing_key",
		"service_key", "integrationKey", "storage_key", "S3_KEY", "unsealKey", "unlock_key", "appKey", "APP_KEY", "consumer_key", "deployKey", "securityKey",
		"pushover_key", "wireguardKey", "rsa_key", "ca.key", "id_rsa", "kube_config", "access_code", "auth_string", "registryAuth", "Passwort", "kennwort",
	}
	for _, key := range secrets {
		require.True(t, secret.Sensitive(key), key)
	}
	open := []string{
		"tokenBucket", "secretName", "existingSecret", "existing_secret", "keys", "key", "authorizationEnabled", "tokens", "numTokens",
		"passwordFile", "password_file", "bearer_token_file", "tokenUrl", "passwordKey", "existingSecretPasswordKey", "imagePullSecrets",
		"pullSecret", "envFromSecret", "tlsSecret", "secretKeyRef", "secretRef", "sessionAffinity", "sessionTimeout", "basicAuthUser",
		"automountServiceAccountToken", "serviceAccountToken", "checksum/secret", "keepCookies", "bypass", "compass", "authenticate",
		"author", "passThrough", "tlsPassthrough", "bucket", "client_id", "username", "certificate", "webhooks", "path", "", "pinned", "secretStore",
		"configMapKey", "license", "databaseUrl", "healthcheck_url", "hostKeyAlgorithms", "labelKey", "groupKey", "seedNodes", "zipcode",
	}
	for _, key := range open {
		require.False(t, secret.Sensitive(key), key)
	}
}

type fields = map[string]any

func TestMaskedHides(t *testing.T) {
	cases := map[string]struct {
		reason   string
		in, want any
	}{
		"a list": {"each item is a secret", fields{"secret": []any{"hunter2", "hunter3"}}, fields{"secret": []any{"***", "***"}}},
		"a map": {"whatever its keys are", fields{"htpasswd": fields{"alice": "hunter2", "bob": fields{"deep": "hunter3"}}},
			fields{"htpasswd": fields{"alice": "***", "bob": fields{"deep": "***"}}}},
		"a login": {"the user name stays readable", fields{"credentials": fields{"username": "me", "pass": "hunter2"}},
			fields{"credentials": fields{"username": "me", "pass": "***"}}},
		"a number":         {"a PIN", fields{"pin": int64(7391982374)}, fields{"pin": "***"}},
		"a number of them": {"a ring has this many tokens", fields{"tokens": int64(512), "keys": int64(3)}, fields{"tokens": int64(512), "keys": int64(3)}},
		"tokens":           {"a list of numbers is not a secret", fields{"tokens": []any{"hunter2"}}, fields{"tokens": []any{"***"}}},
		"a switch":         {"booleans reveal nothing", fields{"authorizationEnabled": true, "token": false, "auth": "true"}, fields{"authorizationEnabled": true, "token": false, "auth": "true"}},
		"nothing":          {"an empty string reveals nothing", fields{"password": "", "token": nil}, fields{"password": "", "token": nil}},
		"names of Secrets": {"they say where to look", fields{"secret": fields{"secretName": "s", "items": []any{fields{"key": "k", "path": "p"}}, "optional": true}, "imagePullSecrets": []any{fields{"name": "r"}}},
			fields{"secret": fields{"secretName": "s", "items": []any{fields{"key": "k", "path": "p"}}, "optional": true}, "imagePullSecrets": []any{fields{"name": "r"}}}},
		"a reference": {"references say where to look", fields{"env": []any{fields{"name": "DB_PASSWORD", "valueFrom": fields{"secretKeyRef": fields{"name": "db", "key": "password"}}}}},
			fields{"env": []any{fields{"name": "DB_PASSWORD", "valueFrom": fields{"secretKeyRef": fields{"name": "db", "key": "password"}}}}}},
		"settings of a login": {"settings in a group are judged one by one", fields{"auth": fields{"enabled": true, "realm": "pi", "password": "hunter2"}},
			fields{"auth": fields{"enabled": true, "realm": "pi", "password": "***"}}},
		"a variable": {"the name shows it", fields{"extraEnv": []any{fields{"name": "DB_PASSWORD", "value": "hunter2"}, fields{"name": "PORT", "value": "8080"}}},
			fields{"extraEnv": []any{fields{"name": "DB_PASSWORD", "value": "***"}, fields{"name": "PORT", "value": "8080"}}}},
		"several keys": {"lists and maps of them", fields{"apiKeys": []any{"hunter2"}, "accessKeys": fields{"a": "hunter3"}, "basicAuthUsers": []any{"me:hunter4"}, "imagePullSecrets": []any{"r"}},
			fields{"apiKeys": []any{"***"}, "accessKeys": fields{"a": "***"}, "basicAuthUsers": []any{"***"}, "imagePullSecrets": []any{"r"}}},
		"a command":             {"one text", fields{"command": "app --password hunter2 --port 1"}, fields{"command": "app --password *** --port 1"}},
		"a variable of a cloud": {"with capitals", []any{fields{"Name": "DB_PASSWORD", "Value": "hunter2"}}, []any{fields{"Name": "DB_PASSWORD", "Value": "***"}}},
		"a header":              {"the same with another keyword", []any{fields{"header": "Authorization", "value": "Bearer hunter2"}}, []any{fields{"header": "Authorization", "value": "***"}}},
		"a URL":                 {"only the login is hidden", fields{"url": "http://me:hunter2@db:5432/x", "repo": "ssh://git@host/x"}, fields{"url": "http://***@db:5432/x", "repo": "ssh://git@host/x"}},
		"a token in a URL":      {"a query string has settings, too", "https://host/x?a=b&access_token=hunter2&c=d", "https://host/x?a=b&access_token=***&c=d"},
		"arguments":             {"with = and without", []any{"--token=hunter2", "--password", "hunter3", "--port", "80"}, []any{"--token=***", "--password", "***", "--port", "80"}},
		"a header in an argument": {"both words are hidden", []any{"--tracing.otlp.http.headers.Authorization=Bearer hunter2"},
			[]any{"--tracing.otlp.http.headers.Authorization=***"}},
		"a header of Traefik's exporter": {"any header may hold a key", []any{"--tracing.otlp.http.headers.x-team=hunter2", "--accesslog.otlp.grpc.headers.X-Key=hunter3", "--tracing.otlp.http.endpoint=http://x", "--tracing.otlp"},
			[]any{"--tracing.otlp.http.headers.x-team=***", "--accesslog.otlp.grpc.headers.X-Key=***", "--tracing.otlp.http.endpoint=http://x", "--tracing.otlp"}},
		"the same as values": {"as a tree, and by their path", fields{"tracing": fields{"otlp": fields{"grpc": fields{"headers": fields{"x-team": "hunter2"}, "insecure": true}}}, "tracing.otlp.http.headers.x-team": "hunter3", "tracing.otlp.http.headers": fields{"x-team": "hunter4"}},
			fields{"tracing": fields{"otlp": fields{"grpc": fields{"headers": fields{"x-team": "***"}, "insecure": true}}}, "tracing.otlp.http.headers.x-team": "***", "tracing.otlp.http.headers": fields{"x-team": "***"}}},
		"a mode for a header": {"the mode in Traefik's access log is not a secret", fields{"accessLog": fields{"fields": fields{"headers": fields{"names": fields{"Authorization": "redact", "Cookie": "keep"}}}}, "args": []any{"--accesslog.fields.headers.names.Authorization=drop"}},
			fields{"accessLog": fields{"fields": fields{"headers": fields{"names": fields{"Authorization": "redact", "Cookie": "keep"}}}}, "args": []any{"--accesslog.fields.headers.names.Authorization=drop"}}},
		"values as YAML": {"what Helm gets from a HelmChartConfig", fields{"valuesContent": "env:\n  - name: API_TOKEN\n    value: hunter2\nport: 80\n"},
			fields{"valuesContent": "env:\n- name: API_TOKEN\n  value: '***'\nport: 80\n"}},
		"YAML without a secret": {"the text is unchanged", fields{"valuesContent": "# ports\nport:   80\nauth: {enabled: true}\n"}, fields{"valuesContent": "# ports\nport:   80\nauth: {enabled: true}\n"}},
		"a comment":             {"a commented-out secret may still be valid", fields{"valuesContent": "port: 80\n# password: hunter2\n"}, fields{"valuesContent": "port: 80\n# password: ***\n"}},
		"YAML in YAML": {"a ConfigMap with a HelmChartConfig", "spec:\n  valuesContent: |\n    apiKey: hunter2\n    port: 80\n",
			"spec:\n  valuesContent: |\n    apiKey: '***'\n    port: 80\n"},
		"JSON":          {"stays JSON", `{"auths":{"r":{"auth":"aHVudGVyMg=="}}}`, `{"auths":{"r":{"auth":"***"}}}`},
		"a file of ini": {"not YAML", "[security]\nadmin_password = hunter2 and more\nadmin_user = me\n", "[security]\nadmin_password = ***\nadmin_user = me\n"},
		"a template": {"not YAML either", "{{ if .x }}\npassword: hunter2\ntoken: |\n  hunter3\n  hunter4\nport: 80\n{{ end }}\n",
			"{{ if .x }}\npassword: ***\ntoken: |\n  ***\n  ***\nport: 80\n{{ end }}\n"},
		"a private key": {"under any key", fields{"file": "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n"},
			fields{"file": "-----BEGIN EC PRIVATE KEY----- *** -----END EC PRIVATE KEY-----\n"}},
		"a certificate": {"certificates are public", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"},
		"a hash":        {"of a password, as web servers store it", []any{"me:$apr1$x$hunter2"}, []any{"***"}},
		"a webhook":     {"whoever knows it can post", fields{"url": "https://hooks.slack.com/services/hunter2"}, fields{"url": "***"}},
		"tokens of services": {"recognised by the prefix", fields{"note": "push by ghp_0123456789abcdefABCDEF0123456789abcd to x", "list": []any{"glpat-abcdefgh1JKLmnop_q2x", "hvs.CAESIJabcdefghHunter", "xoxb-123456789012-abcDEF123456", "AGE-SECRET-KEY-1QQPQYZHUNTER2QQPQYZHUNTER2"}},
			fields{"note": "push by *** to x", "list": []any{"***", "***", "***", "***"}}},
		"a signed token":    {"JWT", "seen eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJlLWh1bnRlcjI, once", "seen ***, once"},
		"words like tokens": {"they are only names", "ghp_x glpat-runner-on-the-left-side npm_config_cache_of_user eyJustAWord.other.name", "ghp_x glpat-runner-on-the-left-side npm_config_cache_of_user eyJustAWord.other.name"},
		"a signed URL": {"whoever has it can read", []any{"https://a.example/c?sv=2020&sig=hunter2%3D", "https://s3.example/x?X-Amz-Signature=hunter2&X-Amz-Date=3"},
			[]any{"https://a.example/c?sv=2020&sig=***", "https://s3.example/x?X-Amz-Signature=***&X-Amz-Date=3"}},
		"a bot's URL": {"its token is in the path", "https://api.telegram.org/bot123456789:AAhunter2hunter2hunter2hunter2hunt/sendMessage", "https://api.telegram.org/***/sendMessage"},
		"statements": {"a keyword and its quoted value", []any{"CREATE USER a IDENTIFIED BY 'hunter2';", `ALTER ROLE a PASSWORD "hunter2"`, `proxy_set_header Authorization "Bearer hunter2";`},
			[]any{"CREATE USER a IDENTIFIED BY '***';", `ALTER ROLE a PASSWORD "***"`, `proxy_set_header Authorization "***";`}},
		"a login of curl":   {"after its flag", "curl -fsu me:hunter2 http://x; curl --user me:hunter3 http://x; cp --user 1000:1000", "curl -fsu me:*** http://x; curl --user me:*** http://x; cp --user 1000:1000"},
		"lines of settings": {"without a separator", "requirepass hunter2\nmachine host login me password hunter3\nbind 0.0.0.0\n", "requirepass ***\nmachine host login me password ***\nbind 0.0.0.0\n"},
		"elements":          {"XML", "<a><user>me</user><password>hunter2</password></a>", "<a><user>me</user><password>***</password></a>"},
		"hashes":            {"without the user name", []any{"$6$salt$hunter2", "$argon2id$v=19$m=1$hunter2"}, []any{"***", "***"}},
		"a Secret in a List": {"its keys may be any", fields{"items": []any{fields{"kind": "Secret", "stringData": fields{"pin": int64(7), "a": fields{"b": "hunter2"}}}}},
			fields{"items": []any{fields{"kind": "Secret", "stringData": fields{"pin": "***", "a": fields{"b": "***"}}}}}},
		"a path":      {"the path of a key", fields{"client_key": "/etc/ssl/client.key", "tls": fields{"key": "hunter2"}}, fields{"client_key": "/etc/ssl/client.key", "tls": fields{"key": "hunter2"}}},
		"typed texts": {"as Go types", fields{"secrets": map[string]string{"a": "hunter2"}, "args": []string{"--token=hunter2"}}, fields{"secrets": fields{"a": "***"}, "args": []any{"--token=***"}}},
		"marks":       {"markers are kept", fields{"password": "*** (before)"}, fields{"password": "*** (before)"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, secret.Masked(test.in), test.reason)
		})
	}
}

func TestMaskedPairShowsThatASecretChanges(t *testing.T) {
	before, after := secret.MaskedPair(
		fields{"password": "a", "token": "same", "list": []any{fields{"secret": "c"}}, "text": "password: hunter2\nport: 1\n", "goes": fields{"pin": 1}},
		fields{"password": "b", "token": "same", "list": []any{fields{"secret": "d"}}, "text": "password: hunter3\nport: 1\n"})
	require.Equal(t, fields{"password": "*** (before)", "token": "***", "list": []any{fields{"secret": "*** (before)"}}, "text": "password: '*** (before)'\nport: 1\n", "goes": fields{"pin": "***"}}, before)
	require.Equal(t, fields{"password": "*** (after)", "token": "***", "list": []any{fields{"secret": "*** (after)"}}, "text": "password: '*** (after)'\nport: 1\n"}, after)
}

func TestWithinFindsWhatIsHidden(t *testing.T) {
	found := []string{}
	for _, text := range secret.Within(fields{
		"extraEnv": []any{fields{"name": "DB_PASSWORD", "value": "hunter2"}}, "pin": 7391982374.0, "args": []any{"--token=hunter3"},
		"url": "http://me:hunter4@host", "valuesContent": "a: 1\napiKey: hunter5\n", "credentials": fields{"username": "me", "x": "hunter6"},
	}) {
		found = append(found, text.Reveal())
	}
	require.ElementsMatch(t, []string{"hunter2", "7391982374", "hunter3", "hunter4", "hunter5", "hunter6"}, found)
}

// A tenant's name under such a header is no secret that is hidden everywhere.
func TestWithinIgnoresHeaderModesOfTraefik(t *testing.T) {
	require.Empty(t, secret.Within(fields{"tracing": fields{"otlp": fields{"http": fields{"headers": fields{"X-Scope-OrgID": "tracing"}}}}}))
}
