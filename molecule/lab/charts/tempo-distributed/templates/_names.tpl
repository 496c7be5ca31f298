{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Names and labels. Callers pass a list: root context, component name ("" for none). */}}

{{/* The release's own name when it already contains tempo, else RELEASE-tempo: nothing may be derived as RELEASE-distributor. */}}
{{- define "tempo.fullname" -}}
{{- $short := default "tempo" .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $short) (contains $short .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tempo.object" -}}
{{- $root := index . 0 -}}
{{- with index . 1 -}}
{{- printf "%s-%s" (include "tempo.fullname" $root) . -}}
{{- else -}}
{{- include "tempo.fullname" $root -}}
{{- end -}}
{{- end -}}

{{- define "tempo.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default "tempo" $root.Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "tempo.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tempo.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- range $key, $value := merge (dict) (default dict $root.Values.global.commonLabels) (default dict $root.Values.global.labels) }}
{{ $key }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "tempo.serviceAccount" -}}
{{- default (ternary (include "tempo.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The facts of this chart version, written by the packager. */}}
{{- define "tempo.generation" -}}
{{ .Files.Get "generation.json" }}
{{- end -}}

{{/* The value at a dotted path below .Values, as JSON; null when a step is missing. */}}
{{- define "tempo.at" -}}
{{- $found := (index . 0).Values -}}
{{- range splitList "." (index . 1) -}}
{{- $found = get (default dict $found) . -}}
{{- end -}}
{{- dict "found" $found | toJson -}}
{{- end -}}
