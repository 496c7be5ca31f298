{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Names and labels. Callers pass the root context. */}}

{{/* The ConfigMaps carry this one, not the full name: two releases in a namespace conflict, as with the real chart. */}}
{{- define "tempo.short" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tempo.fullname" -}}
{{- $short := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $short) (contains $short .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tempo.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tempo.short" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tempo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tempo.selectorLabels" . }}
app.kubernetes.io/version: {{ default .Chart.AppVersion .Values.tempo.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- range $key, $value := merge (dict) (default dict (.Values.global).commonLabels) (default dict .Values.extraLabels) }}
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

{{/* The value at a dotted path below .Values, as JSON {"found": …}; null when a step is missing. */}}
{{- define "tempo.at" -}}
{{- $found := (index . 0).Values -}}
{{- range splitList "." (index . 1) -}}
{{- $found = get (default dict $found) . -}}
{{- end -}}
{{- dict "found" $found | mustToJson -}}
{{- end -}}

{{- define "tempo.image" -}}
{{- $name := printf "%s:%s" .Values.tempo.repository (default .Chart.AppVersion .Values.tempo.tag) -}}
{{- if (include "tempo.generation" . | fromJson).registryInImage -}}
{{- $name = printf "%s/%s" (default .Values.tempo.registry (.Values.global).imageRegistry) $name -}}
{{- end -}}
{{- $name -}}
{{- end -}}
