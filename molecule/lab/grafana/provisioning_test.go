// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const lokiFile = `apiVersion: 1
datasources:
  - name: Loki
    uid: loki
    type: loki
    access: proxy
    orgId: 1
    url: http://loki
    jsonData:
      maxLines: 500
      derivedFields:
        - name: TraceID
          datasourceUid: tempo
          matcherRegex: '"request_X-B3-Traceid":"(\w+)"'
          url: $${__value.raw}
        - {name: broken, url: '${__value.raw}'}
    secureJsonData:
      token: $SECRET_OF_TEST
`

func provisionedWith(t *testing.T, files map[string]string) (client, string) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	return start(t, Options{ProvisioningDir: folder}), folder
}

func TestProvisionedDollars(t *testing.T) {
	t.Setenv("SECRET_OF_TEST", "s3cret")
	c, _ := provisionedWith(t, map[string]string{"a.yaml": lokiFile, "ignored.txt": "x: ["})
	_, body := c.do("GET", "/api/datasources/uid/loki", "")
	require.Equal(t, true, body["readOnly"])
	require.Equal(t, map[string]any{"token": true}, body["secureJsonFields"])
	require.Equal(t, map[string]any{"maxLines": 500.0, "derivedFields": []any{
		map[string]any{"name": "TraceID", "datasourceUid": "tempo", "matcherRegex": `"request_X-B3-Traceid":"(\w+)"`, "url": "${__value.raw}"},
		map[string]any{"name": "broken", "url": ""},
	}}, body["jsonData"])
}

func TestProvisionedIsReadOnly(t *testing.T) {
	c, _ := provisionedWith(t, map[string]string{"a.yaml": lokiFile})
	status, body := c.do("PUT", "/api/datasources/uid/loki", `{"name":"Loki","type":"loki","access":"proxy","url":"http://other"}`)
	require.Equal(t, 403, status)
	require.Equal(t, "Cannot update read-only data source", body["message"])
	status, body = c.do("DELETE", "/api/datasources/uid/loki", "")
	require.Equal(t, 403, status)
	require.Equal(t, "Cannot delete read-only data source", body["message"])
}

func TestReloadFollowsTheFiles(t *testing.T) {
	c, folder := provisionedWith(t, map[string]string{"a.yaml": "apiVersion: 1\nprune: true\ndatasources: [{name: A, type: loki, url: http://a}]\n"})
	_, body := c.do("GET", "/api/datasources/name/A", "")
	require.Equal(t, "P559AEAD08264D579", body["uid"], "the uid comes from the name")
	replace := func(content string) (int, map[string]any) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "a.yaml"), []byte(content), 0o600))
		return c.do("POST", "/api/admin/provisioning/datasources/reload", "")
	}
	status, _ := replace("apiVersion: 1\nprune: true\ndatasources: [{name: A, uid: a, type: loki, url: http://b, editable: true}]\n")
	require.Equal(t, 200, status)
	_, body = c.do("GET", "/api/datasources/uid/a", "")
	require.Equal(t, "http://b", body["url"])
	require.Equal(t, false, body["readOnly"], "editable makes it writable")
	status, _ = replace("apiVersion: 1\n")
	require.Equal(t, 200, status)
	status, _ = c.do("GET", "/api/datasources/uid/a", "")
	require.Equal(t, 404, status, "pruned")
}

func TestDeleteDatasources(t *testing.T) {
	c, folder := provisionedWith(t, map[string]string{"a.yaml": lokiFile})
	require.NoError(t, os.Remove(filepath.Join(folder, "a.yaml")))
	c.do("POST", "/api/admin/provisioning/datasources/reload", "")
	status, _ := c.do("GET", "/api/datasources/uid/loki", "")
	require.Equal(t, 200, status, "without prune it is kept")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "b.yml"), []byte("apiVersion: 1\ndeleteDatasources: [{name: Loki, orgId: 1}]\n"), 0o600))
	c.do("POST", "/api/admin/provisioning/datasources/reload", "")
	status, _ = c.do("GET", "/api/datasources/uid/loki", "")
	require.Equal(t, 404, status)
}

func TestBadFilesStopTheStart(t *testing.T) {
	tests := map[string]struct {
		reason, file, says string
	}{
		"two defaults":  {"Grafana does not start", "apiVersion: 1\ndatasources: [{name: A, type: loki, url: http://a, isDefault: true}, {name: B, type: loki, url: http://b, isDefault: true}]\n", "Only one datasource per organization can be marked as default"},
		"unknown org":   {"organizations must exist", "apiVersion: 1\ndatasources: [{name: A, type: loki, url: http://a, orgId: 9}]\n", "organization 9 not found"},
		"unknown key":   {"stricter than Grafana", "apiVersion: 1\ndatasources: [{name: A, typ: loki}]\n", "field typ not found"},
		"no apiVersion": {"the old layout", "datasources: []\n", "apiVersion: 1"},
		"no yaml":       {"syntax", "apiVersion: [\n", "yaml"},
		"uid taken":     {"two names, one uid", "apiVersion: 1\ndatasources: [{name: A, uid: u, type: loki, url: http://a}, {name: B, uid: u, type: loki, url: http://b}]\n", "same uid"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			c := start(t, Options{ProvisioningDir: folder})
			require.NoError(t, os.WriteFile(filepath.Join(folder, "x.yaml"), []byte(tc.file), 0o600))
			status, _ := c.do("POST", "/api/admin/provisioning/datasources/reload", "")
			require.Equal(t, 500, status, tc.reason)
			_, err := New(Options{ProvisioningDir: folder})
			require.ErrorContains(t, err, tc.says, tc.reason)
		})
	}
}
