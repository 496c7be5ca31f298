{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* The container's arguments, one per line, in the order of the real chart. Callers pass the root context. */}}

{{- define "traefik.args" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- include "traefik.args.global" . }}
{{- range $name, $port := .Values.ports }}
{{- with $port }}
--{{ $g.entryPoints }}.{{ $name }}.address={{ default "" .hostIP }}:{{ .port }}/{{ default "tcp" .protocol | lower }}
{{- end }}
{{- end }}
--api.dashboard=true
--ping=true
{{- include "traefik.args.metrics" . }}
{{- include "traefik.args.tracing" . }}
{{- include "traefik.args.experimental" . }}
{{- range $provider := list "kubernetesCRD" "kubernetesIngress" }}
{{- include "traefik.args.provider" (list $ $provider) }}
{{- end }}
{{- range $name, $port := .Values.ports }}
{{- with $port }}
{{- include "traefik.args.port" (list $ $name .) }}
{{- end }}
{{- end }}
{{- include "traefik.args.log" . }}
{{- include "traefik.args.access" . }}
{{- range .Values.additionalArguments }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "traefik.args.global" -}}
{{- range .Values.globalArguments }}
{{ . }}
{{- end }}
{{- if hasKey (default dict .Values.global) "checkNewVersion" }}
{{- if not .Values.global.checkNewVersion }}
--global.checkNewVersion=false
{{- end }}
{{- if .Values.global.sendAnonymousUsage }}
--global.sendAnonymousUsage
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.metrics" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- with (.Values.metrics).prometheus }}
--metrics.prometheus=true
--metrics.prometheus.entrypoint={{ .entryPoint }}
{{- range $flag := $g.metricsFlags }}
{{- $set := get $.Values.metrics.prometheus $flag }}
{{- if kindIs "bool" $set }}
--metrics.prometheus.{{ $flag }}={{ $set }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "traefik.args.provider" -}}
{{- $root := index . 0 -}}
{{- $fact := get (include "traefik.generation" $root | fromJson).providerFlags (index . 1) -}}
{{- $set := get $root.Values.providers (index . 1) -}}
{{- if $set.enabled }}
--providers.{{ $fact.flag }}
{{- range $key := $fact.keys }}
{{- $value := get $set $key }}
{{- if and (eq $key "publishedService") $root.Values.service.enabled $value.enabled }}
--providers.{{ $fact.flag }}.ingressendpoint.publishedservice={{ default (printf "%s/%s" $root.Release.Namespace (include "traefik.fullname" $root)) $value.pathOverride }}
{{- else if and (ne $key "publishedService") $value }}
--providers.{{ $fact.flag }}.{{ $key }}={{ $value }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Redirections and TLS of one entry point. Callers pass a list: root context, entry point, its values. */}}
{{- define "traefik.args.port" -}}
{{- $root := index . 0 -}}{{- $port := index . 2 -}}
{{- $g := include "traefik.generation" $root | fromJson -}}
{{- $flag := printf "--%s.%s.http" $g.entryPoints (index . 1) -}}
{{- $redirect := (include "traefik.at" (list $port $g.redirect) | fromJson).found -}}
{{- $to := $redirect -}}
{{- if kindIs "map" $redirect -}}
{{- $to = $redirect.to -}}
{{- end }}
{{- if $to }}
{{ $flag }}.redirections.entryPoint.to=:{{ (get $root.Values.ports $to).exposedPort }}
{{ $flag }}.redirections.entryPoint.scheme=https
{{- if kindIs "map" $redirect }}
{{- with $redirect.priority }}
{{ $flag }}.redirections.entryPoint.priority={{ . }}
{{- end }}
{{- if $redirect.permanent }}
{{ $flag }}.redirections.entryPoint.permanent=true
{{- end }}
{{- end }}
{{- end }}
{{- with ternary ($port.http).tls $port.tls (eq $g.tlsIn "http") }}
{{- if .enabled }}
{{ $flag }}.tls=true
{{- with .options }}
{{ $flag }}.tls.options={{ . }}
{{- end }}
{{- with .certResolver }}
{{ $flag }}.tls.certResolver={{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
