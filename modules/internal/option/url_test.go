// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

func TestCheckURL(t *testing.T) {
	cases := map[string]struct{ reason, value, fails string }{
		"http":         {"an address in the cluster", "http://10.0.0.11", ""},
		"port, path":   {"a server behind an ingress", "https://logs.example.com:3100/loki", ""},
		"no scheme":    {"it would be taken for a path", "10.0.0.11:80", "must be a URL such as http://10.0.0.11"},
		"other scheme": {"only HTTP is supported", "ftp://10.0.0.11", "must be a URL such as http://10.0.0.11"},
		"no host":      {"there is no host", "http://", "must be a URL such as http://10.0.0.11"},
		"login":        {"URLs are shown", "http://user:hunter2@10.0.0.11", "must not hold a login"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := option.CheckURL(test.value)
			if test.fails == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fails, test.reason)
		})
	}
}

func TestCheckNoLogin(t *testing.T) {
	const login, token = "must not hold a login", "must not hold a token"
	cases := map[string]struct{ reason, value, fails string }{
		"repository":       {"a valid URL", "https://charts.example.com:8443/stable?team=pi", ""},
		"name":             {"a chart in a repository", "tempo-distributed", ""},
		"path":             {"a chart on the disk", "/srv/charts/tempo@2.tgz", ""},
		"host and port":    {"gRPC", "tempo.tracing.svc:4317", ""},
		"digest":           {"an at sign after the name is not a login", "oci://host:5000/charts/tempo@sha256:abc", ""},
		"tag and digest":   {"nor is one after a tag", "oci://host/charts/tempo:1.0@sha256:abc", ""},
		"login":            {"with a password", "http://u:hunter2@127.0.0.1:1", login},
		"token as a user":  {"Git hosts accept it like this", "https://hunter2@host/charts", login},
		"registry":         {"any scheme", "oci://u:hunter2@host/charts/tempo", login},
		"no scheme":        {"gRPC with a login", "u:hunter2@host:4317", login},
		"slash in it":      {"a parser ends the host at the slash, and quotes it", "https://u:hun/ter2@host/x", login},
		"no URL at all":    {"it cannot be parsed either", "http://u:hunter2 %zz@host", login},
		"token in a query": {"as gateways do", "https://host/charts?access_token=hunter2", token},
		"private token":    {"as Git hosts do", "https://host/charts/tempo.tgz?a=b&private_token=hunter2", token},
		"signature":        {"as object stores do", "https://host/tempo.tgz?sig=hunter2", token},
		"escaped name":     {"it is the same name", "https://host/?api%5Fkey=hunter2", token},
		"fragment":         {"only browsers use it", "https://host/#token=hunter2", token},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := option.CheckNoLogin(test.value)
			if test.fails == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fails, test.reason)
		})
	}
}

func TestCheckNoLogins(t *testing.T) {
	require.NoError(t, option.CheckNoLogins(map[string]any{"a": "http://host", "b": "host:1"}))
	require.EqualError(t, option.CheckNoLogins(map[string]any{"a": "http://host", "b": "http://u:hunter2@host"}), "must not hold a login under b")
	require.EqualError(t, option.CheckNoLoginBut("user and password")("http://u:hunter2@host"), "must not hold a login: use user and password")
}
