// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/secret"
)

// A proxy before the API server repeats the headers of a request that it refuses. The
// login in them is no option: a kubeconfig has it, or a file that one names.
func TestTheLoginOfAKubeconfigIsNeverShown(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":403,"reason":"Forbidden","message":"no: %s"}`, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("S3CRET-CANARY-file\n"), 0o600))
	for name, test := range map[string]struct{ reason, user, shown string }{
		"a token":        {"as a ServiceAccount has it", `{token: S3CRET-CANARY-token}`, "no: Bearer " + secret.Placeholder},
		"a token's file": {"as a pod has it", `{tokenFile: ` + file + `}`, "no: Bearer " + secret.Placeholder},
		"a password":     {"old clusters", `{username: admin, password: S3CRET-CANARY-password}`, "no: Basic " + secret.Placeholder},
		"a program":      {"cloud providers", `{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo, args: ['{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"S3CRET-CANARY-exec"}}']}}`, "no: Bearer " + secret.Placeholder},
	} {
		t.Run(name, func(t *testing.T) {
			text := "{kind: Config, apiVersion: v1, current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: " +
				server.URL + ", insecure-skip-tls-verify: true}}], users: [{name: a, user: " + test.user + "}]}"
			clients, err := Access{Kubeconfig: text}.Clients()
			require.NoError(t, err)
			hide := &secret.Redactor{}
			_, err = clients.Core.Pods("x").List(secret.WithRedactor(context.Background(), hide), meta.ListOptions{})
			require.ErrorContains(t, err, "no: B", test.reason)
			require.Contains(t, hide.Text(err.Error()), test.shown)
			require.NotContains(t, hide.Text(err.Error()), "S3CRET")
		})
	}
}
