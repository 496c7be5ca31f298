// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

func TestFileWrittenAndRead(t *testing.T) {
	file := File{
		Sources: []Source{{
			Name: "Loki", UID: "loki", Type: "loki", OrgID: 1, Access: "proxy", URL: "http://loki", BasicAuth: true, BasicAuthUser: "u",
			JSONData: map[string]any{"derivedFields": []any{map[string]any{"name": "TraceID", "url": "${__value.raw}", "matcherRegex": "x$"}}},
			Secrets:  map[string]secret.Text{"basicAuthPassword": secret.NewText("pa$$w0rd$")},
		}},
		Deleted: []Deletion{{Name: "Old", OrgID: 1}},
	}
	content, err := file.Write()
	require.NoError(t, err)
	require.Equal(t, `apiVersion: 1
datasources:
- access: proxy
  basicAuth: true
  basicAuthUser: u
  editable: false
  jsonData:
    derivedFields:
    - matcherRegex: x$$
      name: TraceID
      url: $${__value.raw}
  name: Loki
  orgId: 1
  secureJsonData:
    basicAuthPassword: pa$$$$w0rd$$
  type: loki
  uid: loki
  url: http://loki
deleteDatasources:
- name: Old
  orgId: 1
`, string(content))
	again, err := ReadFile(content)
	require.NoError(t, err)
	require.Equal(t, file.Deleted, again.Deleted)
	source := again.Sources[0]
	require.Equal(t, file.Sources[0].JSONData, source.JSONData)
	require.Equal(t, "pa$$w0rd$", source.Secrets["basicAuthPassword"].Reveal())
	require.Equal(t, []string{"basicAuthPassword"}, source.SecretsSet)
	require.True(t, source.ReadOnly)
}

func TestReadFileDoesNotQuoteIt(t *testing.T) {
	_, err := ReadFile([]byte("datasources: [" + canary))
	require.EqualError(t, err, "it is not a provisioning file for data sources")
}

func TestProvisionedSources(t *testing.T) {
	sources := ProvisionedSources([]ProvisioningObject{
		{Kind: ConfigMap, Namespace: "m", Name: "dashboards", Files: map[string][]byte{"a.json": []byte("{"), "b.yaml": []byte("just text")}},
		{Kind: ConfigMap, Namespace: "m", Name: "kps", Release: "kps", Files: map[string][]byte{
			"z.yaml": []byte("apiVersion: 1\ndatasources: [{name: B, type: loki}]"),
			"a.yaml": []byte("apiVersion: 1\ndatasources: [{name: A, type: loki, orgId: 3, isDefault: true}]")}},
	})
	require.Len(t, sources, 2, "other files are ignored")
	require.Equal(t, "A", sources[0].Source.Name)
	require.EqualValues(t, 3, sources[0].Source.OrgID)
	require.Equal(t, "z.yaml", sources[1].Key)
	require.EqualValues(t, 1, sources[1].Source.OrgID, "without a number it is the first organization")
	require.Equal(t, "ConfigMap m/kps", sources[1].Object.String())
}
