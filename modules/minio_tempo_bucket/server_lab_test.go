// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
)

// pair is a self-signed certificate for 127.0.0.1 and its key, in files.
type pair struct{ folder, cert, key string }

// newPair writes the files where MinIO looks for them in its certificates folder.
func newPair(t *testing.T) pair {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Close()
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	folder := t.TempDir()
	files := pair{folder, filepath.Join(folder, "public.crt"), filepath.Join(folder, "private.key")}
	require.NoError(t, os.WriteFile(files.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	require.NoError(t, os.WriteFile(files.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return files
}

// ownServer starts a MinIO with TLS and a region of its own, and returns a task
// for it, which does not trust it yet.
func ownServer(t *testing.T, files pair) (address string, task testkit.Task) {
	t.Helper()
	address, password := stack.Free(t, 1)[0], testkit.Secret()
	stack.Start(t, "minio", []string{"MINIO_ROOT_USER=admin", "MINIO_ROOT_PASSWORD=" + password, "MINIO_SITE_REGION=eu-central-1", "MINIO_BROWSER=off", "MINIO_UPDATE=off"},
		"server", "--quiet", "--address", address, "--certs-dir", files.folder, t.TempDir())
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // only waits
	require.Eventually(t, func() bool {
		answer, err := trusting.Get("https://" + address + "/minio/health/ready")
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}, 2*time.Minute, 100*time.Millisecond, "MinIO is not ready")
	return address, newTask(map[string]any{"endpoint": "https://" + address, "access_key": "admin", "secret_key": password})
}

func newTask(options map[string]any) testkit.Task {
	base := map[string]any{"bucket": testkit.Name("tempo"), "user": testkit.Name("user"), "user_secret_key": testkit.Secret(), "timeout": "60s"}
	return testkit.Task{New: bucket.New, Options: base}.With(options)
}

func TestLabServerWithTLSAndARegion(t *testing.T) {
	t.Parallel()
	files := newPair(t)
	address, task := ownServer(t, files)
	text, err := os.ReadFile(files.cert)
	require.NoError(t, err)

	require.Contains(t, testkit.Failed(t, task.Check(t)), "tls: read bucket ", "its certificate is not trusted")
	trusting := task.With(map[string]any{"ca_cert": files.cert})
	elsewhere := trusting.With(map[string]any{"region": "us-west-2"})
	require.Eventually(t, func() bool { // MinIO is ready before it knows its region, and then accepts any
		message, _ := elsewhere.Check(t)["msg"].(string)
		return strings.Contains(message, "the store has it in region eu-central-1, not us-west-2")
	}, time.Minute, 100*time.Millisecond)
	applied := testkit.FourRuns(t, trusting)
	require.Equal(t, "eu-central-1", applied["bucket"].(map[string]any)["region"], "the server's own")
	for reason, options := range map[string]map[string]any{
		"PEM in place of a path":      {"ca_cert": string(text)},
		"not validated":               {"ca_cert": nil, "validate_certs": false},
		"host:port means TLS":         {"endpoint": address},
		"the server's region, spelt":  {"region": "eu-central-1"},
		"secure agrees with host":     {"endpoint": address, "secure": true},
		"secure agrees with a scheme": {"secure": true},
	} {
		t.Log(reason)
		testkit.Unchanged(t, trusting.With(options).Apply(t))
	}
	testkit.FourRuns(t, trusting.With(map[string]any{"state": "absent", "remove_bucket": true}))
}

// A gate before the lab's MinIO lets nobody in without the one certificate.
func TestLabClientCertificate(t *testing.T) {
	t.Parallel()
	files := newPair(t)
	target, err := url.Parse(testkit.Env(t, "LAB_MINIO_URL"))
	require.NoError(t, err)
	store := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	known, err := tls.LoadX509KeyPair(files.cert, files.key)
	require.NoError(t, err)
	gate := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !bytes.Equal(r.TLS.PeerCertificates[0].Raw, known.Certificate[0]) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		store.ServeHTTP(w, r)
	}))
	gate.TLS = &tls.Config{Certificates: []tls.Certificate{known}, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	gate.Config.ErrorLog = log.New(io.Discard, "", 0) // it would log each handshake that it ends
	gate.StartTLS()
	t.Cleanup(gate.Close)

	task := newTask(map[string]any{"endpoint": gate.URL, "ca_cert": files.cert,
		"access_key": testkit.Env(t, "LAB_MINIO_ROOT_USER"), "secret_key": testkit.Env(t, "LAB_MINIO_ROOT_PASSWORD")})
	require.Contains(t, testkit.Failed(t, task.Check(t)), "tls: read bucket ", "without a client certificate there is no answer")
	shown := task.With(map[string]any{"client_cert": files.cert, "client_key": files.key})
	testkit.FourRuns(t, shown)
	testkit.FourRuns(t, shown.With(map[string]any{"state": "absent", "remove_bucket": true}))
}
