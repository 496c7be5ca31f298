// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Every secret option holds a canary. The testkit searches the output of each
// run; what is stored is searched here.
func TestSecretsAreNowhere(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"chart_repo_username": "reader", "chart_repo_password": testkit.Secret(), "drift": "correct"})
	testkit.FourRuns(t, task)
	lab.searched(t)

	rotated := task.With(map[string]any{"s3": s3(map[string]any{"secret_key": testkit.Secret()})})
	before, after := testkit.Diff(t, testkit.Changed(t, rotated.Check(t)))
	require.Contains(t, before, "AWS_SECRET_ACCESS_KEY: '*** (before)'")
	require.Contains(t, after, "AWS_SECRET_ACCESS_KEY: '*** (after)'")
	testkit.FourRuns(t, rotated)
	lab.searched(t)
	testkit.FourRuns(t, rotated.With(map[string]any{"state": "absent"}))
}

// Nor are they anywhere if a step fails, whatever the API server answers: here
// it quotes the request, as an admission webhook may.
func TestSecretsAreNowhereInFailures(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"chart_repo_username": "reader", "chart_repo_password": testkit.Secret(), "wait": false,
		"api_key": testkit.Secret(), "namespace_labels": map[string]any{"team": "pi"}})
	steps := []struct{ name, method, path string }{
		{"read namespace", http.MethodGet, "/" + lab.namespace},
		{"make namespace", http.MethodPatch, "/" + lab.namespace},
		{"read release", http.MethodGet, "/secrets"},
		{"make secret", http.MethodPost, "/secrets"},
		{"take lease", http.MethodPost, "/leases"},
		{"make ConfigMap", http.MethodPost, "/configmaps"},
		{"make Service", http.MethodPost, "/services"},
	}
	for _, step := range steps {
		lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == step.method && strings.HasSuffix(r.URL.Path, step.path) {
				refuse(w, secretKey+" "+r.Header.Get("Authorization"))
				return
			}
			next.ServeHTTP(w, withoutLogin(r))
		})
		require.Contains(t, testkit.Failed(t, task.Start(t).Result(t)), "rejected: ", step.name)
		lab.Handle(nil)
		lab.searched(t)
		removed := task.With(map[string]any{"state": "absent", "api_key": nil, "s3": nil}).Apply(t)
		require.False(t, removed.Failed(), "%v", removed)
	}
}

// withoutLogin leaves only the proxy's own credentials.
func withoutLogin(r *http.Request) *http.Request {
	r.Header.Del("Authorization")
	return r
}

// refuse answers as the API server does when something is not valid.
func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_ = json.NewEncoder(w).Encode(meta.Status{TypeMeta: meta.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status: meta.StatusFailure, Reason: meta.StatusReasonInvalid, Code: 422, Message: why})
}

// searched requires that only the one Secret holds a canary.
func (l lab) searched(t *testing.T) {
	t.Helper()
	for _, record := range l.history(t) {
		require.NotContains(t, record.text, testkit.Canary, "release record %d", record.revision)
	}
	configs, err := l.client.CoreV1().ConfigMaps(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	sets, err := l.client.AppsV1().StatefulSets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	leases, err := l.client.CoordinationV1().Leases(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	events, err := l.client.CoreV1().Events(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, stored := range []any{configs, sets, leases, events} {
		require.NotContains(t, text(t, stored), testkit.Canary)
	}
	secrets, err := l.client.CoreV1().Secrets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, secret := range secrets.Items {
		secret.Data = nil
		require.NotContains(t, text(t, secret), testkit.Canary, secret.Name)
	}
}

func text(t *testing.T, stored any) string {
	t.Helper()
	data, err := json.Marshal(stored)
	require.NoError(t, err)
	return string(data)
}
