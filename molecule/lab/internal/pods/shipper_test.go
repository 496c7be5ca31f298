// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each step continues from the state that the previous one left.
func TestShipperSendsEachLineOnce(t *testing.T) {
	status, body := 0, ""
	loki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&raw)
		body = r.Method + " " + r.URL.Path + " " + string(raw)
		w.WriteHeader(status)
	}))
	defer loki.Close()
	dir := t.TempDir()
	folder := filepath.Join(dir, "kube-system_traefik-1_uid", "traefik")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	ship := shipper{dir: dir, to: loki.URL, client: http.DefaultClient, sent: map[string]int64{}}
	const first, second = "2026-11-22T10:00:00.000000001Z stdout F one\n", "2026-11-22T10:00:01Z stdout P tw\n2026-11-22T10:00:01Z stdout F o\n"
	const head, tail = `POST /loki/api/v1/push {"streams":[{"stream":{"app":"traefik","container":"traefik","namespace":"kube-system","pod":"traefik-1"},"values":[`, `]}]}`
	steps := []struct {
		reason, text string
		status       int
		want         string
		fails        bool
	}{
		{"no full line yet", first[:20], 204, "", false},
		{"Loki starts", first, 503, head + `["1795341600000000001","one"]` + tail, true},
		{"it is sent again", first, 204, head + `["1795341600000000001","one"]` + tail, false},
		{"nothing new", first, 204, "", false},
		{"a part waits for the rest of its line", first + second[:35], 204, "", false},
		{"only what is new", first + second, 204, head + `["1795341601000000000","two"]` + tail, false},
		{"a new file of the same name", first, 400, head + `["1795341600000000001","one"]` + tail, false},
		{"what Loki refuses is not sent again", first, 204, "", false},
	}
	for _, step := range steps {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "0.log"), []byte(step.text), 0o600))
		status, body = step.status, ""
		require.Equal(t, step.fails, ship.round(t.Context()) != nil, step.reason)
		require.Equal(t, step.want, body, step.reason)
	}
}
