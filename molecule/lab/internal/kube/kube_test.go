// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

func TestApplyUsesServerSideApply(t *testing.T) {
	var got *http.Request
	var body []byte
	client, err := New(login(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	require.NoError(t, err)
	require.NoError(t, client.Apply(t.Context(), "/api/v1/nodes/pi1", []byte("kind: Node\n")))
	require.Equal(t, "PATCH", got.Method)
	require.Equal(t, "/api/v1/nodes/pi1", got.URL.Path)
	require.Equal(t, url.Values{"force": {"true"}, "fieldManager": {"picluster-lab"}, "timeout": {"15s"}}, got.URL.Query())
	require.Equal(t, "application/apply-patch+yaml", got.Header.Get("Content-Type"))
	require.Equal(t, "kind: Node\n", string(body))
}

func TestErrorsContainTheServersMessage(t *testing.T) {
	cases := map[string]struct {
		reason, kind, body, want string
		code                     int
	}{
		"status object": {"the usual answer", "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"nodes \"pi9\" not found","code":404}`, `/x: nodes "pi9" not found`, 404},
		"plain text":    {"before the API is up", "text/plain", "starting", `/x: the server is currently unable to handle the request`, 503},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client, err := New(login(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.code)
				_, _ = io.WriteString(w, c.body)
			}))
			require.NoError(t, err)
			require.EqualError(t, client.Get(t.Context(), "/x", &struct{}{}), c.want, c.reason)
		})
	}
}

func TestTryPersistsNothing(t *testing.T) {
	client, err := New(login(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"asked":%q}`, r.URL.Query().Get("dryRun"))
	}))
	require.NoError(t, err)
	var made struct{ Asked string }
	require.NoError(t, client.Try(t.Context(), "/api/v1/nodes/pi1", nil, &made))
	require.Equal(t, "All", made.Asked)
}

func TestKubeconfigIsReadByKubernetesClients(t *testing.T) {
	text, err := Kubeconfig(login(t, nil), "admin")
	require.NoError(t, err)
	config, err := clientcmd.RESTConfigFromKubeConfig(text)
	require.NoError(t, err)
	require.Contains(t, config.Host, "https://127.0.0.1:")
	require.Contains(t, string(config.CAData), "BEGIN CERTIFICATE")
	require.Contains(t, string(config.CertData), "BEGIN CERTIFICATE")
	require.Contains(t, string(config.KeyData), "BEGIN EC PRIVATE KEY")
	require.False(t, config.Insecure)
}

func TestNewNamesTheMissingFile(t *testing.T) {
	_, err := New(Login{Authority: filepath.Join(t.TempDir(), "ca.crt")})
	require.ErrorContains(t, err, "read the login of the lab")
}

func login(t *testing.T, handle http.HandlerFunc) Login {
	api := httptest.NewTLSServer(handle)
	t.Cleanup(api.Close)
	dir := t.TempDir()
	authority := filepath.Join(dir, "authority.crt")
	require.NoError(t, folder.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw}), 0o600))
	store := certificates.Store{Dir: dir}
	require.NoError(t, store.Ensure(time.Now(), []certificates.Holder{{File: "admin", Name: "admin"}}))
	return Login{URL: api.URL, Authority: authority, Certificate: store.Certificate("admin"), Key: store.Key("admin")}
}
