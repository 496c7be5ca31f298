// SPDX-License-Identifier: AGPL-3.0-or-later

package sidecar

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestRounds(t *testing.T) {
	ctx := context.Background()
	about := func(name string) meta.ObjectMeta {
		return meta.ObjectMeta{Namespace: "monitoring", Name: name, Labels: map[string]string{"grafana_datasource": "1"}}
	}
	cluster := fake.NewClientset(
		&core.ConfigMap{ObjectMeta: about("a"), Data: map[string]string{"a.yaml": "A"}},
		&core.ConfigMap{ObjectMeta: meta.ObjectMeta{Namespace: "monitoring", Name: "other"}, Data: map[string]string{"other.yaml": "O"}},
		&core.Secret{ObjectMeta: about("b"), Data: map[string][]byte{"b.yaml": []byte("B")}})
	reloads, status := 0, http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		require.Equal(t, "POST admin pw", r.Method+" "+user+" "+password)
		reloads++
		w.WriteHeader(status)
	}))
	defer server.Close()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "stale.yaml"), nil, 0o600))
	s := &Sidecar{Client: cluster, Namespace: "monitoring", Selector: "grafana_datasource=1", Folder: folder,
		ReloadURL: server.URL, User: "admin", Password: "pw", Log: io.Discard}

	require.NoError(t, s.Round(ctx))
	require.Equal(t, map[string]string{"a.yaml": "A", "b.yaml": "B"}, files(t, folder))
	require.NoError(t, s.Round(ctx))
	require.Equal(t, 1, reloads, "nothing changed, so Grafana is left alone")

	require.NoError(t, cluster.CoreV1().ConfigMaps("monitoring").Delete(ctx, "a", meta.DeleteOptions{}))
	status = http.StatusInternalServerError
	require.EqualError(t, s.Round(ctx), "reload: Grafana answered 500 Internal Server Error")
	require.Equal(t, map[string]string{"b.yaml": "B"}, files(t, folder))
	require.Equal(t, 2, reloads)
}

func TestChangesAreSeenAndFailuresRetried(t *testing.T) {
	cluster := fake.NewClientset()
	var reloads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if reloads.Add(1) == 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	s := &Sidecar{Client: cluster, Namespace: "monitoring", Selector: "grafana_datasource=1", Folder: t.TempDir(), ReloadURL: server.URL, Log: io.Discard}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	reloaded := func(count int32) func() bool { return func() bool { return reloads.Load() >= count } }
	require.Eventually(t, reloaded(1), time.Minute, time.Millisecond)

	about := meta.ObjectMeta{Namespace: "monitoring", Name: "a", Labels: map[string]string{"grafana_datasource": "1"}}
	_, err := cluster.CoreV1().Secrets("monitoring").Create(ctx, &core.Secret{ObjectMeta: about, Data: map[string][]byte{"a.yaml": []byte("A")}}, meta.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, reloaded(2), time.Minute, time.Millisecond)
	require.Equal(t, map[string]string{"a.yaml": "A"}, files(t, s.Folder))
	require.Eventually(t, reloaded(3), time.Minute, time.Millisecond, "Grafana did not take the second one")

	end()
	require.NoError(t, <-ended)
	require.EqualValues(t, 3, reloads.Load(), "nothing changed any more")
}

func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	found := map[string]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		found[entry.Name()] = string(content)
	}
	return found
}
