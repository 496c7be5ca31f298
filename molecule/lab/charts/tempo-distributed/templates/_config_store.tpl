{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* The parts of tempo.yaml about where data is stored and how the processes find each other. */}}

{{- define "tempo.config.server" -}}
server:
  http_listen_port: {{ .Values.server.httpListenPort }}
  log_level: {{ .Values.server.logLevel }}
  log_format: {{ .Values.server.logFormat }}
  {{- range $key, $value := omit .Values.server "httpListenPort" "logLevel" "logFormat" }}
  {{ $key }}: {{ toJson $value }}
  {{- end }}
{{- end -}}

{{- define "tempo.config.gossip" -}}
memberlist:
  abort_if_cluster_join_fails: false
  {{- range $key, $value := default dict .Values.memberlist }}
  {{ $key }}: {{ toJson $value }}
  {{- end }}
  {{- $ring := include "tempo.object" (list . "gossip-ring") }}
  {{- with .Values.memberlist }}
  join_members: ["dns+{{ $ring }}:{{ .bind_port }}"]
  {{- else }}
  join_members: [{{ $ring }}]
  {{- end }}
{{- end -}}

{{- define "tempo.config.overrides" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
overrides: {{ ternary .Values.global_overrides .Values.overrides $g.overridesInConfig | toJson }}
{{- end -}}

{{- define "tempo.config.cache" -}}
cache:
  {{- if and (hasKey .Values.memcached "consistentHash") .Values.memcached.enabled }}
  caches:
    - roles: [parquet-footer, bloom, frontend-search]
      memcached:
        host: {{ include "tempo.object" (list . "memcached") }}
        service: memcached-client
        consistent_hash: {{ .Values.memcached.consistentHash }}
        timeout: {{ .Values.memcached.timeout }}
  {{- else }}
  {{- toYaml .Values.cache | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* storage.trace.BACKEND is passed on unchanged: Tempo refuses a wrong key inside, not the chart. */}}
{{- define "tempo.config.storage" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $trace := .Values.storage.trace -}}
storage:
  trace:
    backend: {{ $trace.backend }}
    {{- if has $trace.backend (list "s3" "gcs" "azure") }}
    {{ $trace.backend }}: {{ get $trace $trace.backend | default nil | toJson }}
    {{- end }}
    local: {path: /var/tempo/traces}
    wal: {path: /var/tempo/wal}
    blocklist_poll: {{ default "5m" $trace.blocklist_poll }}
    {{- if $g.overridesInConfig }}
    cache: memcached
    memcached:
      consistent_hash: true
      host: {{ include "tempo.object" (list . "memcached") }}
      service: memcached-client
      timeout: 500ms
    {{- end }}
    {{- range $key := list "pool" "search" "blocklist_poll_concurrency" "blocklist_poll_fallback" "blocklist_poll_tenant_index_builders" "blocklist_poll_stale_tenant_index" "empty_tenant_deletion_age" "empty_tenant_deletion_enabled" }}
    {{- with get $trace $key }}
    {{ $key }}: {{ toJson . }}
    {{- end }}
    {{- end }}
    {{- if dig "block" "version" "" $trace }}
    block: {{ dict "version" $trace.block.version | toJson }}
    {{- end }}
{{- end -}}
