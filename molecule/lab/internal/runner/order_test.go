// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestReadOrder(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   []string
		env    map[string]string
		want   order
		fails  string
	}{
		"install from an address": {
			reason: "what the controller writes for k3s' Traefik",
			args:   []string{"install", "--set-string", "global.systemDefaultRegistry="},
			env:    map[string]string{"CHART": "https://%{KUBERNETES_API}%/static/charts/traefik-39.0.701+up39.0.7.tgz", "CONFIG_HASH": "AB", "EXPECTED_RELEASE_REVISION": "2"},
			want: order{
				verb: "install", release: "traefik", namespace: "kube-system", chart: "https://127.0.0.1:6443/static/charts/traefik-39.0.701+up39.0.7.tgz",
				failurePolicy: "reinstall", configHash: "AB", expected: "2", timeout: 5 * time.Minute, setString: list{"global.systemDefaultRegistry="},
			},
		},
		"install from a repository": {
			reason: "all fields of a HelmChart",
			args: []string{
				"install", "--namespace", "kube-system", "--create-namespace", "--take-ownership", "--version", "1.2.3",
				"--set", "a=1", "--set", "b=true", "--set-string", `c=x\,y`,
			},
			env: map[string]string{
				"CHART": "traefik/traefik", "REPO": "https://charts.example.org", "TIMEOUT": "10m0s", "FAILURE_POLICY": "abort", "HELM_DRIVER": "secret",
				"SERVER_SIDE": "auto", "INSECURE_SKIP_TLS_VERIFY": "true", "PLAIN_HTTP": "true", "AUTH_PASS_CREDENTIALS": "true",
			},
			want: order{
				verb: "install", release: "traefik", namespace: "kube-system", chart: "traefik/traefik", repo: "https://charts.example.org", version: "1.2.3",
				driver: "secret", failurePolicy: "abort", timeout: 10 * time.Minute, createNamespace: true, takeOwnership: true,
				insecure: true, plainHTTP: true, passCredentials: true, set: list{"a=1", "b=true"}, setString: list{`c=x\,y`},
			},
		},
		"delete": {
			reason: "the only argument of a removal",
			args:   []string{"delete"},
			want:   order{verb: "delete", release: "traefik", namespace: "kube-system", failurePolicy: "reinstall", timeout: 5 * time.Minute},
		},
		"unknown flag":        {reason: "it may change what Helm does", args: []string{"install", "--atomic"}, fails: "-atomic"},
		"unknown argument":    {reason: "nothing follows the flags", args: []string{"install", "more"}, fails: `unknown argument "more"`},
		"unknown command":     {reason: "there are two", args: []string{"template"}, fails: `unknown command "template"`},
		"no arguments":        {reason: "the controller always gives some", fails: "no arguments"},
		"other namespace":     {reason: "status and install must refer to the same release", args: []string{"install", "--namespace", "x"}, fails: "differ"},
		"server-side apply":   {reason: "Helm 3 cannot", args: []string{"install"}, env: map[string]string{"SERVER_SIDE": "true"}, fails: "Helm 4"},
		"helm 2":              {reason: "refused by the container too", args: []string{"install"}, env: map[string]string{"HELM_VERSION": "v2"}, fails: "EOL"},
		"half a duration":     {reason: "Helm would reject it", args: []string{"install"}, env: map[string]string{"TIMEOUT": "5"}, fails: "TIMEOUT"},
		"release has no name": {reason: "a damaged Job", args: []string{"install"}, env: map[string]string{"NAME": ""}, fails: "NAME"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			container := corev1.Container{Args: c.args, Env: []corev1.EnvVar{{Name: "NAME", Value: "traefik"}, {Name: "TARGET_NAMESPACE", Value: "kube-system"}}}
			for key, value := range c.env {
				container.Env = append(container.Env, corev1.EnvVar{Name: key, Value: value})
			}
			got, err := readOrder(container, "127.0.0.1:6443")
			if c.fails != "" {
				require.ErrorContains(t, err, c.fails, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestLabels(t *testing.T) {
	require.Nil(t, order{}.labels())
	require.Equal(t, map[string]string{"helmcharts.helm.cattle.io/configHash": "AB"}, order{configHash: "AB"}.labels())
}
