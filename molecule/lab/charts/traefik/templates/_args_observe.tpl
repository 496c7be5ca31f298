{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Arguments for tracing and logs: what this lab's Traefik chart is about. Callers pass the root context. */}}

{{- define "traefik.args.tracing" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- with .Values.tracing }}
{{- if eq $g.tracing "backends" }}
{{- include "traefik.args.backends" $ }}
{{- else if eq $g.tracing "otlp" }}
{{- if .addInternals }}
--tracing.addinternals
{{- end }}
{{- include "traefik.args.spans" $ }}
{{- if eq $g.otlpFlags "listed" }}
{{- include "traefik.args.otlpListed" $ }}
{{- else }}
{{- include "traefik.args.otlpGeneric" $ }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Traefik v2: a back end is enabled when its map exists; a value that is false, 0 or empty is left out, as in the real chart. */}}
{{- define "traefik.args.backends" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- range $name := $g.tracerOrder }}
{{- with get $.Values.tracing $name }}
{{- $set := . }}
--tracing.{{ $name }}=true
{{- range $key := get $g.tracers $name }}
{{- with (include "traefik.at" (list $set $key) | fromJson).found }}
--tracing.{{ $name }}.{{ $key }}={{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Traefik v3: settings of the spans. Charts before 33.2 have no such keys and ignore them. */}}
{{- define "traefik.args.spans" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- range $key := $g.tracingKeys }}
{{- $value := get $.Values.tracing $key }}
{{- if eq $key "sampleRate" }}
{{- if or $value (and $g.zeroSampleRate (kindIs "float64" $value)) }}
--tracing.sampleRate={{ $value }}
{{- end }}
{{- else if and $value (kindIs "map" $value) }}
{{- range $name, $text := $value }}
--tracing.{{ $key }}.{{ $name }}={{ $text }}
{{- end }}
{{- else if and $value (hasPrefix "captured" $key) (eq $g.capturedBy "index") }}
{{- range $index, $text := $value }}
--tracing.{{ $key }}[{{ $index }}]={{ $text }}
{{- end }}
{{- else if and $value (kindIs "slice" $value) }}
--tracing.{{ $key }}={{ join "," $value }}
{{- else if $value }}
--tracing.{{ $key }}={{ $value }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.otlpListed" -}}
{{- with .Values.tracing.otlp }}
{{- if .enabled }}
--tracing.otlp=true
{{- range $way := list "http" "grpc" }}
{{- $set := get $.Values.tracing.otlp $way }}
{{- if ($set).enabled }}
--tracing.otlp.{{ $way }}=true
{{- range $key := list "endpoint" "insecure" }}
{{- with get (ternary $set (omit $set "insecure") (eq $way "grpc")) $key }}
--tracing.otlp.{{ $way }}.{{ $key }}={{ . }}
{{- end }}
{{- end }}
{{- range $name, $text := $set.headers }}
--tracing.otlp.{{ $way }}.headers.{{ $name }}={{ $text }}
{{- end }}
{{- range $key := list "ca" "cert" "key" "insecureSkipVerify" }}
{{- with get (default dict $set.tls) $key }}
--tracing.otlp.{{ $way }}.tls.{{ $key }}={{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.otlpGeneric" -}}
{{- if (.Values.tracing.otlp).enabled }}
{{- include "traefik.args.export" (list "--tracing.otlp" .Values.tracing.otlp) }}
{{- end }}
{{- end -}}

{{/* From chart 37 on every key below http and grpc becomes a flag, even a false one. Callers pass a list: flag, map of the protocols. */}}
{{- define "traefik.args.export" -}}
{{- $flag := index . 0 -}}{{- $ways := index . 1 }}
{{ $flag }}=true
{{- range $way := list "http" "grpc" }}
{{- $set := get $ways $way }}
{{- if ($set).enabled }}
{{ $flag }}.{{ $way }}=true
{{- include "traefik.args.flatten" (list (printf "%s.%s" $flag $way) (omit $set "enabled")) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.flatten" -}}
{{- $flag := index . 0 -}}
{{- range $key, $value := index . 1 }}
{{- if kindIs "map" $value }}
{{- include "traefik.args.flatten" (list (printf "%s.%s" $flag $key) $value) }}
{{- else if or (kindIs "bool" $value) $value }}
{{ $flag }}.{{ $key }}={{ ternary (join "," $value) $value (kindIs "slice" $value) }}
{{- end }}
{{- end }}
{{- end -}}
