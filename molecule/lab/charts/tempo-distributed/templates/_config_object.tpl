{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}

{{/* The ConfigMap or Secret with tempo.yaml; its hash is the pods' checksum/config. */}}
{{- define "tempo.configObject" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $files := dict "tempo.yaml" (include "tempo.calculatedConfig" .) "tempo-query.yaml" (tpl .Values.queryFrontend.query.config .) -}}
{{- if $g.overridesInConfig -}}
{{- $_ := set $files "overrides.yaml" (tpl .Values.overrides .) -}}
{{- end -}}
{{- $secret := eq .Values.configStorageType "Secret" -}}
apiVersion: v1
kind: {{ ternary "Secret" "ConfigMap" $secret }}
metadata:
  name: {{ tpl .Values.externalConfigSecretName . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "tempo.labels" (list . "") | nindent 4 }}
data:
  {{- range $name, $text := $files }}
  {{- if $secret }}
  {{ $name }}: {{ b64enc $text }}
  {{- else }}
  {{ $name }}: |
    {{- $text | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
