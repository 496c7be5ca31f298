// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tempoChart is chart tempo, reduced to what the module looks at.
var tempoChart = map[string]string{
	"Chart.yaml": "apiVersion: v2\nname: tempo\nversion: 2.2.4\nappVersion: 2.10.6\n",
	"values.yaml": `
replicas: 1
tempo: {storage: {trace: {backend: local}}, receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}}}}, extraEnvFrom: [], extraArgs: {}, resources: {}}
persistence: {enabled: false, size: 10Gi}
serviceAccount: {create: true}
`,
	"templates/all.yaml": `
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Release.Name }}, labels: {app.kubernetes.io/instance: {{ .Release.Name }}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}, labels: {app.kubernetes.io/instance: {{ .Release.Name }}}}
data:
  tempo.yaml: |
    storage: {{ .Values.tempo.storage | toJson }}
    distributor: {receivers: {{ .Values.tempo.receivers | toJson }}}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}, labels: {app.kubernetes.io/name: tempo, app.kubernetes.io/instance: {{ .Release.Name }}}}
spec:
  selector: {app.kubernetes.io/instance: {{ .Release.Name }}}
  ports: [{name: tempo-otlp-grpc, port: 4317, targetPort: 4317}, {name: http, port: 3200, targetPort: 3200}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: {{ .Release.Name }}, labels: {app.kubernetes.io/instance: {{ .Release.Name }}}}
spec:
  replicas: {{ .Values.replicas }}
  serviceName: {{ .Release.Name }}
  selector: {matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app.kubernetes.io/instance: {{ .Release.Name }}}, annotations: {{ .Values.podAnnotations | default dict | toJson }}}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
      - name: tempo
        image: grafana/tempo:2.10.6
        args: ["-config.file=/conf/tempo.yaml"{{ range $key, $value := .Values.tempo.extraArgs }}, {{ printf "-%s=%v" $key $value | quote }}{{ end }}]
        envFrom: {{ .Values.tempo.extraEnvFrom | toJson }}
  {{- if .Values.persistence.enabled }}
  volumeClaimTemplates:
  - metadata: {name: storage}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: {{ .Values.persistence.size }}}}}
  {{- end }}
`,
}

func packed(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tempo-2.2.4.tgz")
	file, err := os.Create(path)
	require.NoError(t, err)
	zipper := gzip.NewWriter(file)
	writer := tar.NewWriter(zipper)
	for name, text := range files {
		require.NoError(t, writer.WriteHeader(&tar.Header{Name: "tempo/" + name, Mode: 0o644, Size: int64(len(text))}))
		_, err := writer.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, zipper.Close())
	require.NoError(t, file.Close())
	return path
}
