// SPDX-License-Identifier: AGPL-3.0-or-later

package sourceview

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

func TestInstructionForProvisionedDataSource(t *testing.T) {
	wanted := existing(map[string]any{jsondata.DerivedFields: []any{traceLink("(x)$", "tempo")}, jsondata.OwnershipKey: []any{}, "format": "{{.x}}"})
	from := func(labels map[string]string, release string) *grafana.ProvisionedSource {
		return &grafana.ProvisionedSource{Object: grafana.ProvisioningObject{Kind: "ConfigMap", Namespace: "m", Name: "c", Labels: labels, Release: release}, Key: "d.yaml"}
	}
	entry := func(format string) string {
		return `- access: proxy
  editable: false
  jsonData:
    derivedFields:
    - datasourceUid: tempo
      matcherRegex: (x)$$
      name: TraceID
      url: $${__value.raw}
    format: '` + format + `'
  name: X
  orgId: 1
  type: loki
  uid: x
  url: http://loki
`
	}
	tests := map[string]struct {
		reason     string
		origin     *grafana.ProvisionedSource
		want, hint string
	}{
		"a file on disk": {"the cluster was not read", nil, "update X: it comes from a provisioning file of Grafana; put this under datasources of that file, in place of the entry with its name:\n" + entry("{{.x}}"),
			"this data source is provisioned, so Grafana lets nobody change it by the API: change its source, or use via: configmap"},
		"a ConfigMap": {"somebody's", from(nil, ""), "update X: it comes from ConfigMap m/c, key d.yaml,; put this under datasources of that key, in place of the entry with its name:\n" + entry("{{.x}}"),
			"change it there, or remove it there"},
		"a release": {"whose chart reads the values as a template", from(nil, "kps"),
			"update X: it comes from ConfigMap m/c, key d.yaml,; put this under grafana.additionalDataSources in the values of kps, in place of the entry with its name:\n" + entry(`{{ "{{" }}.x}}`),
			"change the values of the Helm release kps (grafana.additionalDataSources), or take it out there"},
		"ours": {"it is written differently", from(map[string]string{"app.kubernetes.io/managed-by": "picluster.tracing"}, ""), "update X: it comes from ConfigMap m/c, key d.yaml,", "use via: configmap, by which it was made"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := Provisioned("update X", tc.origin, "", wanted)
			require.EqualError(t, err, tc.want, tc.reason)
			require.Equal(t, tc.hint, fault.HintOf(err), tc.reason)
		})
	}
}

func TestInstructionShowsNoSecret(t *testing.T) {
	wanted := existing(map[string]any{"apiToken": "S3CRET-CANARY-token"})
	wanted.Secrets = map[string]secret.Text{"basicAuthPassword": secret.NewText("S3CRET-CANARY-password")}
	wanted.SecretsSet = []string{"httpHeaderValue1"}
	err := Provisioned("update X", nil, "", wanted)
	require.NotContains(t, err.Error(), "S3CRET")
	require.Contains(t, err.Error(), "with its secrets in the place of ***:\n")
	var entries []map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(fileEntry(wanted)), &entries))
	require.Equal(t, map[string]any{"basicAuthPassword": "***", "httpHeaderValue1": "***"}, entries[0]["secureJsonData"])
}
