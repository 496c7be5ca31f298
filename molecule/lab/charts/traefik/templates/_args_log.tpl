{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Arguments for Traefik's own log and for the access log. Callers pass the root context. */}}

{{- define "traefik.args.log" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $set := dict -}}
{{- if eq $g.accessKeys.section "accessLog" -}}
{{- $set = .Values.log -}}
{{- else -}}
{{- $set = (.Values.logs).general -}}
{{- end -}}
{{- with $set }}
{{- with .format }}
--log.format={{ . }}
{{- end }}
{{- with .filePath }}
--log.filePath={{ . }}
{{- end }}
{{- if and .level (ne .level $g.hideLogLevel) }}
--log.level={{ upper .level }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.access" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $keys := $g.accessKeys -}}
{{- $set := (include "traefik.at" (list .Values $keys.section) | fromJson).found -}}
{{- if ($set).enabled }}
--accesslog=true
{{- with $set.format }}
--accesslog.format={{ . }}
{{- end }}
{{- if and $keys.filePath $set.filePath }}
--accesslog.filepath={{ $set.filePath }}
{{- end }}
{{- if and $keys.addInternals $set.addInternals }}
--accesslog.addinternals
{{- end }}
{{- if and $keys.dualOutput $set.dualOutput }}
--accesslog.dualOutput=true
{{- end }}
{{- with get $set $keys.bufferingSize }}
--accesslog.bufferingsize={{ . }}
{{- end }}
{{- with get (default dict $set.filters) $keys.statusCodes }}
--accesslog.filters.statuscodes={{ . }}
{{- end }}
{{- if get (default dict $set.filters) $keys.retryAttempts }}
--accesslog.filters.retryattempts
{{- end }}
{{- with get (default dict $set.filters) $keys.minDuration }}
--accesslog.filters.minduration={{ . }}
{{- end }}
{{- include "traefik.args.fields" (list "--accesslog.fields" (default $set.fields $set.fields.general)) }}
{{- include "traefik.args.fields" (list "--accesslog.fields.headers" $set.fields.headers) }}
{{- if and $g.logExports ($set.otlp).enabled }}
{{- include "traefik.args.export" (list "--accesslog.otlp" $set.otlp) }}
{{- with $set.otlp.serviceName }}
--accesslog.otlp.serviceName={{ . }}
{{- end }}
{{- range $name, $text := $set.otlp.resourceAttributes }}
--accesslog.otlp.resourceAttributes.{{ $name }}={{ $text }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.experimental" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- if and $g.logExports .Values.experimental.otlpLogs }}
--experimental.otlpLogs=true
{{- end }}
{{- end -}}

{{/* Callers pass a list: flag, map with the mode (spelled defaultmode until chart 40) and names. */}}
{{- define "traefik.args.fields" -}}
{{- $flag := index . 0 -}}{{- $set := index . 1 }}
{{ $flag }}.defaultmode={{ default $set.defaultMode $set.defaultmode }}
{{- range $name, $mode := $set.names }}
{{ $flag }}.names.{{ $name }}={{ $mode }}
{{- end }}
{{- end -}}
