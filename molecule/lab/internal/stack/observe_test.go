// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
)

const (
	waitLong  = time.Minute
	waitShort = 10 * time.Millisecond
)

const chart = "http://127.0.0.1:1/traefik-39.0.701+up39.0.7.tgz"

func TestObserve(t *testing.T) {
	job := func(address, complete string) string {
		return `{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"CHART","value":"` + address + `"}]}]}}},
			"status":{"conditions":[{"type":"Complete","status":"` + complete + `"}]}}`
	}
	deployment := func(status string) string {
		return `{"metadata":{"generation":2},"spec":{"replicas":1},"status":` + status + `}`
	}
	cases := map[string]struct {
		reason, answer, want string
		check                func(*kube.Client) error
	}{
		"node ready":       {reason: "it reports Ready", answer: `{"status":{"conditions":[{"type":"Ready","status":"True"}]}}`, check: checkNode(t)},
		"node silent":      {reason: "unknown is not ready", answer: `{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}`, want: "not ready", check: checkNode(t)},
		"node new":         {reason: "no condition yet", answer: `{"status":{}}`, want: "not ready", check: checkNode(t)},
		"job done":         {reason: "this chart, complete", answer: job(chart, "True"), check: checkJob(t)},
		"job at work":      {reason: "not complete", answer: job(chart, "False"), want: "not installed", check: checkJob(t)},
		"job of old chart": {reason: "a Job for another version does not count", answer: job("http://127.0.0.1:1/traefik-34.2.1.tgz", "True"), want: "not installed", check: checkJob(t)},
		"deployment ready": {reason: "all pods of the newest generation", answer: deployment(`{"observedGeneration":2,"updatedReplicas":1,"availableReplicas":1}`), check: checkDeployment(t)},
		"deployment unseen": {
			reason: "the controller has not observed it yet", answer: deployment(`{"observedGeneration":1,"updatedReplicas":1,"availableReplicas":1}`),
			want: "1 of 1 pods are available", check: checkDeployment(t),
		},
		"deployment rolling": {reason: "old pods do not count", answer: deployment(`{"observedGeneration":2,"availableReplicas":1}`), want: "pods are available", check: checkDeployment(t)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.check(clientOf(t, c.answer))
			if c.want == "" {
				require.NoError(t, err, c.reason)
				return
			}
			require.ErrorContains(t, err, c.want, c.reason)
		})
	}
}

func checkNode(t *testing.T) func(*kube.Client) error {
	return func(client *kube.Client) error { return nodeReady(t.Context(), client, "pi1") }
}

func checkJob(t *testing.T) func(*kube.Client) error {
	return func(client *kube.Client) error { return jobDone(t.Context(), client, "helm-install-traefik", chart) }
}

func checkDeployment(t *testing.T) func(*kube.Client) error {
	return func(client *kube.Client) error { return deploymentReady(t.Context(), client, "kube-system", "traefik") }
}

// clientOf is a client of an API server that always gives that response.
func clientOf(t *testing.T, answer string) *kube.Client {
	api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	t.Cleanup(api.Close)
	dir := t.TempDir()
	authority := filepath.Join(dir, "authority.crt")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw})
	require.NoError(t, folder.WriteFile(authority, raw, 0o600))
	store := certificates.Store{Dir: dir}
	require.NoError(t, store.Ensure(time.Now(), []certificates.Holder{{File: "admin", Name: "admin"}}))
	client, err := kube.New(kube.Login{URL: api.URL, Authority: authority, Certificate: store.Certificate("admin"), Key: store.Key("admin")})
	require.NoError(t, err)
	return client
}
