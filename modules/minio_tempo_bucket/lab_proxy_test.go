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

// A proxy may give its own name for the server's. MinIO then has to be known by
// other marks: it refuses the rule for uploads that S3 stores take.
func TestLabMinIOBehindAProxyWithItsOwnName(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		rename func(http.Header)
	}{
		"nginx": {"it hides the server's name", func(header http.Header) { header.Set("Server", "nginx") }},
		"Caddy": {"it puts its name before the server's", func(header http.Header) { header["Server"] = []string{"Caddy", "MinIO"} }},
		"none":  {"it takes the name off", func(header http.Header) { header.Del("Server") }},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			target, err := url.Parse(testkit.Env(t, "LAB_MINIO_URL"))
			require.NoError(t, err)
			proxy := httptest.NewServer(&httputil.ReverseProxy{
				Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
				ModifyResponse: func(answer *http.Response) error { test.rename(answer.Header); return nil },
			})
			t.Cleanup(proxy.Close)
			task := l.task(map[string]any{"endpoint": proxy.URL})
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
