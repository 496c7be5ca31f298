// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

func TestApplySpeaksServerSideApply(t *testing.T) {
	var got *http.Request
	var body []byte
	client, err := New(login(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	require.NoError(t, err)
	require.NoError(t, client.Apply(t.Context(), "/api/v1/nodes/pi1", []byte("kind: Node\n")))
	require.Equal(t, "PATCH", got.Method)
	require.Equal(t, "/api/v1/nodes/pi1?force=true&fieldManager=picluster-lab", got.RequestURI)
	require.Equal(t, "application/apply-patch+yaml", got.Header.Get("Content-Type"))
	require.Equal(t, "kind: Node\n", string(body))
}

func TestErrorsCarryTheServersWords(t *testing.T) {
	cases := map[string]struct {
		reason, body, want string
		code               int
		notFound           bool
	}{
		"status object": {reason: "the usual answer", code: 404, body: `{"message":"nodes \"pi9\" not found"}`, want: `/x: status 404: nodes "pi9" not found`, notFound: true},
		"plain text":    {reason: "before the API is up", code: 503, body: "starting", want: "/x: status 503: starting"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client, err := New(login(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.code)
				_, _ = io.WriteString(w, c.body)
			}))
			require.NoError(t, err)
			err = client.Get(t.Context(), "/x", &struct{}{})
			require.EqualError(t, err, c.want, c.reason)
			require.Equal(t, c.notFound, NotFound(err), c.reason)
		})
	}
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

func TestNewTellsWhichFileIsMissing(t *testing.T) {
	_, err := New(Login{Authority: filepath.Join(t.TempDir(), "ca.crt")})
	require.ErrorContains(t, err, "read the lab's authority")
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
