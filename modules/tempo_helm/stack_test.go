// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package tempohelm_test

import (
	"encoding/pem"
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
)

// Tempo 1.5.0, here its stand-in, has no setting for a CA. The variable and the folder that its pods
// get make it trust a store with a private CA, and without them it does not.
func TestTempoTrustsTheCA(t *testing.T) {
	t.Parallel()
	store, server := stack.NewStore(t, nil), behindTLS(t)
	config := stack.Config{Store: store, Endpoint: server.Listener.Addr().String()}

	stranger := stack.StartTempo(t, config)
	require.Eventually(t, func() bool {
		log, err := os.ReadFile(stranger.Log)
		return err == nil && strings.Contains(string(log), "x509: certificate signed by unknown authority")
	}, time.Minute, 100*time.Millisecond)

	config.Env = []string{"SSL_CERT_DIR=" + mounted(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))}
	stack.Answers(t, stack.StartTempo(t, config).Query+"/ready", "")
}

// behindTLS is the lab's MinIO behind a certificate of its own.
func behindTLS(t *testing.T) *httptest.Server {
	t.Helper()
	target, err := url.Parse(testkit.Env(t, "LAB_MINIO_URL"))
	require.NoError(t, err)
	// The Host header stays that of the caller, since S3 signs it.
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	server := httptest.NewTLSServer(http.Handler(proxy))
	t.Cleanup(server.Close)
	return server
}

// mounted is a folder laid out as the kubelet mounts a Secret: the entry is a
// symlink through a symlink.
func mounted(t *testing.T, certificate []byte) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "..2026"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "..2026", "ca.crt"), certificate, 0o600))
	require.NoError(t, os.Symlink("..2026", filepath.Join(folder, "..data")))
	require.NoError(t, os.Symlink(filepath.Join("..data", "ca.crt"), filepath.Join(folder, "ca.crt")))
	return folder
}
