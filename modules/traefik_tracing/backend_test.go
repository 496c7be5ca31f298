// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// The key for another back end is not sent to Tempo.
func TestHeadersOfAnotherBackEndAreRemoved(t *testing.T) {
	const away = " is removed until state: absent restores it: it was made for another back end, and must not go to http://tempo-distributor.tracing.svc.cluster.local:4318"
	cases := map[string]struct {
		reason, own string
		change      func(*Spec)
		keeps, not  []string
		warns       []string
	}{
		"a header": {"by value", "tracing:\n  otlp:\n    enabled: true\n    http:\n      enabled: true\n      endpoint: https://otlp.example/v1/traces\n      headers:\n        Authorization: Basic aHVudGVyMg==\n", nil,
			nil, []string{"Authorization", "aHVudGVyMg"}, []string{"tracing.otlp.http.headers.Authorization" + away}},
		"any header": {"any header may hold a key", "tracing:\n  otlp:\n    http:\n      enabled: true\n      endpoint: https://api.example:443\n      headers:\n        x-team: aHVudGVyMg\n        X-Scope-OrgID: pi\n", nil,
			[]string{"X-Scope-OrgID: pi"}, []string{"aHVudGVyMg"}, []string{"tracing.otlp.http.headers.x-team" + away}},
		"TLS": {"client certificate and trust", "tracing:\n  otlp:\n    http:\n      endpoint: https://otlp.example/v1/traces\n      tls:\n        cert: /c.pem\n        key: /k.pem\n        insecureSkipVerify: true\n", nil,
			nil, []string{"/c.pem", "/k.pem", "insecureSkipVerify"}, []string{"tracing.otlp.http.tls.cert" + away, "tracing.otlp.http.tls.insecureSkipVerify" + away, "tracing.otlp.http.tls.key" + away}},
		"arguments": {"by flags", "additionalArguments:\n- --ping=true\n- --tracing.otlp.http.endpoint=https://otlp.example/v1/traces\n- --tracing.otlp.http.headers.Authorization=Basic aHVudGVyMg==\n- --tracing.otlp.http.tls.ca=/ca.pem\n", nil,
			[]string{"--ping=true"}, []string{"Authorization", "/ca.pem"}, []string{"--tracing.otlp.http.headers.authorization" + away, "--tracing.otlp.http.tls.ca" + away}},
		"without TLS": {"the same host, but in the clear", "tracing:\n  otlp:\n    http:\n      endpoint: https://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces\n      headers:\n        Authorization: Basic aHVudGVyMg==\n", nil,
			nil, []string{"Authorization"}, []string{"tracing.otlp.http.headers.Authorization" + away}},
		"this back end": {"the key belongs to this back end", "tracing:\n  otlp:\n    http:\n      endpoint: http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces\n      headers:\n        Authorization: Basic aHVudGVyMg==\n", nil,
			[]string{"Authorization: Basic aHVudGVyMg=="}, nil, nil},
		"no back end yet": {"set for the future endpoint", "tracing:\n  otlp:\n    http:\n      headers:\n        Authorization: Basic aHVudGVyMg==\n", nil,
			[]string{"Authorization: Basic aHVudGVyMg=="}, nil, []string{"tracing.otlp.http.headers.Authorization stays, and is sent to http://tempo-distributor.tracing.svc.cluster.local:4318"}},
		"gRPC": {"the same for gRPC", "additionalArguments:\n- --tracing.otlp.grpc.headers.Authorization=Basic aHVudGVyMg==\ntracing:\n  otlp:\n    grpc:\n      endpoint: otlp.example:443\n      tls:\n        ca: /ca.pem\n", func(s *Spec) { s.Protocol = "grpc" },
			nil, []string{"Authorization", "/ca.pem"}, []string{"--tracing.otlp.grpc.headers.authorization", "tracing.otlp.grpc.tls.ca"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			proposal, warnings := twice(t, chart39(c.own, "traefik:v3.6.13"), c.change)
			shown := new(client).change(Status{Proposal: proposal})
			for _, part := range c.keeps {
				require.Contains(t, proposal.Text, part, c.reason)
			}
			for _, part := range c.not {
				require.NotContains(t, proposal.Text, part, c.reason)
			}
			text := strings.Join(warnings, "\n")
			for _, part := range c.warns {
				require.Contains(t, text, part)
			}
			require.Equal(t, len(c.warns) > 0, strings.Contains(text, "back end") || strings.Contains(text, "stays"), text)
			require.NotContains(t, fmt.Sprint(shown.Before, shown.After, warnings), "aHVudGVyMg", "the key is not shown")
		})
	}
}

// A user gives the new back end a key of its own after the first run: it stays.
func TestLaterHeaderIsKept(t *testing.T) {
	found := chart39("tracing:\n  otlp:\n    http:\n      endpoint: https://otlp.example/v1/traces\n      headers:\n        Authorization: old\n", "traefik:v3.6.13")
	first, _ := twice(t, found, nil)
	found.Text = strings.Replace(first.Text, "headers: {}", "headers:\n        Authorization: new", 1)
	found.Record, found.FailurePolicy = first.Record, first.FailurePolicy
	require.Contains(t, found.Text, "Authorization: new")
	for range 2 {
		proposal := found.proposal(asked(nil))
		require.NoError(t, proposal.Err)
		require.Contains(t, proposal.Text, "Authorization: new")
		if proposal.Record != nil {
			found.Text, found.Record = proposal.Text, proposal.Record
		}
	}
}

// What is where this module does not write cannot be removed.
func TestHeadersOfTheHelmChartAreRefused(t *testing.T) {
	old := map[string]any{"tracing": map[string]any{"otlp": map[string]any{"http": map[string]any{
		"endpoint": "https://otlp.example", "headers": map[string]any{"api-key": "aHVudGVyMg"}}}}}
	found := chart39("", "traefik:v3.6.13")
	found.Lower = old
	_, _, err := resolve(asked(nil), found)
	require.EqualError(t, err, "HelmChartConfig kube-system/traefik: tracing.otlp.http.headers.api-key in the values of the HelmChart would go along to http://tempo-distributor.tracing.svc.cluster.local:4318")
	require.Equal(t, fault.Conflict, fault.KindOf(err))
}

// Traefik runs with it, but none of the values that are read here set it.
func TestHeadersFromElsewhereAreRefused(t *testing.T) {
	found := chart39("globalArguments:\n- --tracing.otlp.http.headers.Authorization=Basic aHVudGVyMg==\n", "traefik:v3.6.13")
	found.Workload.Args = []string{"--tracing.otlp.http.headers.Authorization=Basic aHVudGVyMg==", "--tracing.otlp.http.endpoint=https://otlp.example/v1/traces"}
	_, _, err := resolve(asked(nil), found)
	require.EqualError(t, err, "HelmChartConfig kube-system/traefik: Traefik runs with --tracing.otlp.http.headers.authorization, which would go along to http://tempo-distributor.tracing.svc.cluster.local:4318")
	require.Equal(t, fault.Conflict, fault.KindOf(err))

	found.Workload.Args[1] = "--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces"
	_, _, err = resolve(asked(nil), found)
	require.NoError(t, err, "it is already sent there")
}

// The arguments listed in a result contain no key.
func TestArgumentsAreShownWithoutKeys(t *testing.T) {
	got := secret.Masked(tracingArguments([]string{"--ping=true", "--tracing.otlp.http.headers.Authorization=Basic aHVudGVyMg==", "--tracing.elastic.secretToken=aHVudGVyMg",
		"--tracing.otlp.http.endpoint=https://me:hunter2@otlp.example/v1", "--accesslog.otlp.http.headers.x-key=aHVudGVyMg", "--accesslog.fields.headers.names.Authorization=drop", "--tracing.otlp"}))
	require.Equal(t, []any{"--tracing.otlp.http.headers.Authorization=***", "--tracing.elastic.secretToken=***",
		"--tracing.otlp.http.endpoint=https://***@otlp.example/v1", "--accesslog.otlp.http.headers.x-key=***",
		"--accesslog.fields.headers.names.Authorization=drop", "--tracing.otlp"}, got)
}

func TestSettingsByFileAreRefused(t *testing.T) {
	found := chart39("", "traefik:v3.6.13")
	found.Workload.Args = []string{"--configFile=/etc/traefik/own.yml"}
	_, _, err := resolve(asked(nil), found)
	require.EqualError(t, err, "HelmChartConfig kube-system/traefik: Traefik reads its settings from /etc/traefik/own.yml and ignores all others")
	require.Equal(t, fault.Unsupported, fault.KindOf(err))
}
