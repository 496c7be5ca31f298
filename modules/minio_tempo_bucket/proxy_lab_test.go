// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Without user management, too, MinIO looks like any other store.
func TestLabUnrecognisedMinIO(t *testing.T) {
	l := newLab(t)
	proxy := renaming(t, func(header http.Header) { header.Del("Server") })
	bare := l.task(map[string]any{"endpoint": proxy, "admin": "none", "user_secret_key": nil})
	result := bare.Apply(t)
	require.Contains(t, testkit.Failed(t, result), "set lifecycle of bucket "+l.bucket)
	require.Equal(t, "the store does not accept this rule: with abort_incomplete_days: 0 none is written for unfinished uploads", result["hint"])
	testkit.Unchanged(t, bare.With(map[string]any{"abort_incomplete_days": 0}).Apply(t))
}

// renaming is a proxy for MinIO that changes the headers of each answer.
func renaming(t *testing.T, rename func(http.Header)) string {
	t.Helper()
	target, err := url.Parse(testkit.Env(t, "LAB_MINIO_URL"))
	require.NoError(t, err)
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ModifyResponse: func(answer *http.Response) error { rename(answer.Header); return nil },
	})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// A proxy may replace the server's name by its own. MinIO then has to be
// recognised otherwise: it refuses the rule for uploads that S3 stores accept.
func TestLabMinIOBehindAProxyWithItsOwnName(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		rename func(http.Header)
	}{
		"nginx": {"it hides the server's name", func(header http.Header) { header.Set("Server", "nginx") }},
		"Caddy": {"it puts its name before the server's", func(header http.Header) { header["Server"] = []string{"Caddy", "MinIO"} }},
		"none":  {"it removes the name", func(header http.Header) { header.Del("Server") }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			task := l.task(map[string]any{"endpoint": renaming(t, test.rename)})
			testkit.Changed(t, task.Check(t))
			testkit.Changed(t, task.Apply(t))
			testkit.Unchanged(t, task.Check(t))
			testkit.Unchanged(t, task.Apply(t))
			days := task.With(map[string]any{"expire_days": 30})
			testkit.Changed(t, days.Check(t))
			testkit.Changed(t, days.Apply(t))
			testkit.Unchanged(t, days.Check(t))
			testkit.Unchanged(t, days.Apply(t))
		})
	}
}
