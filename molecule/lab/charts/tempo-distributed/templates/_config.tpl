{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* tempo.yaml from the values. values.yaml has it as `config`, so that a user can replace it whole, as in the real chart. */}}

{{- define "tempo.config" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- range $g.configParts }}
{{ include (printf "tempo.config.%s" .) $ }}
{{- end }}
{{- end -}}

{{/* The file as it is mounted: `config` with tempo.structuredConfig merged in, rendered as a template again. */}}
{{- define "tempo.calculatedConfig" -}}
{{- tpl (mergeOverwrite (tpl .Values.config . | fromYaml) .Values.tempo.structuredConfig | toYaml) . -}}
{{- end -}}

{{- define "tempo.config.first" -}}
multitenancy_enabled: {{ .Values.multitenancyEnabled }}
search_enabled: {{ .Values.search.enabled }}
metrics_generator_enabled: {{ .Values.metricsGenerator.enabled }}
{{- end -}}

{{- define "tempo.config.common" -}}
multitenancy_enabled: {{ .Values.multitenancyEnabled }}
usage_report: {reporting_enabled: {{ .Values.reportingEnabled }}}
{{- if hasKey .Values "streamOverHTTPEnabled" }}
stream_over_http_enabled: {{ .Values.streamOverHTTPEnabled }}
{{- end }}
{{- end -}}

{{- define "tempo.config.compactor" -}}
{{- if include "tempo.runs" (list . "compactor") -}}
compactor:
  compaction: {{ toJson .Values.compactor.config.compaction }}
  ring: {kvstore: {store: memberlist}}
{{- end -}}
{{- end -}}

{{- define "tempo.config.generator" -}}
{{- if .Values.metricsGenerator.enabled -}}
{{- $g := include "tempo.generation" . | fromJson -}}
metrics_generator:
  ring: {kvstore: {store: memberlist}}
  {{- range $key := $g.generatorParts }}
  {{ $key }}: {{ get $.Values.metricsGenerator.config $key | toJson }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "tempo.config.distributor" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $set := .Values.distributor.config -}}
distributor:
  ring: {kvstore: {store: memberlist}}
  receivers: {{ (include "tempo.receivers" . | fromJson).config | default nil | toJson }}
  {{- if or $set.log_received_traces $set.log_received_spans.enabled }}
  log_received_spans: {{ mergeOverwrite (dict) $set.log_received_spans (dict "enabled" true) | toJson }}
  {{- end }}
  {{- if dig "log_discarded_spans" "enabled" false $set }}
  log_discarded_spans: {{ toJson $set.log_discarded_spans }}
  {{- end }}
  {{- with $set.extend_writes }}
  extend_writes: {{ . }}
  {{- end }}
  {{- with $set.search_tags_deny_list }}
  search_tags_deny_list: {{ toJson . }}
  {{- end }}
  {{- with $set.max_attribute_bytes }}
  max_attribute_bytes: {{ int64 . }}
  {{- end }}
  {{- if dig "cost_attribution" "enabled" false $set }}
  usage: {cost_attribution: {{ toJson $set.cost_attribution }}}
  {{- end }}
  {{- if and $g.kafkaOptional .Values.ingest.kafka.address }}
  kafka_write_path_enabled: true
  {{- if not .Values.ingester.enabled }}
  ingester_write_path_enabled: false
  {{- end }}
  {{- end }}
{{- end -}}

{{- define "tempo.config.ingester" -}}
{{- if include "tempo.runs" (list . "ingester") -}}
ingester:
  lifecycler:
    ring:
      kvstore: {store: memberlist}
      replication_factor: {{ .Values.ingester.config.replication_factor }}
    tokens_file_path: /var/tempo/tokens.json
  {{- range $key, $value := omit .Values.ingester.config "replication_factor" }}
  {{- with $value }}
  {{ $key }}: {{ toJson . }}
  {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "tempo.config.querier" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $set := .Values.querier.config -}}
querier:
  frontend_worker:
    frontend_address: {{ include "tempo.object" (list . $g.frontend) }}:9095
    {{- with $set.frontend_worker.grpc_client_config }}
    grpc_client_config: {{ toJson . }}
    {{- end }}
  {{- range $key, $value := omit $set "frontend_worker" }}
  {{ $key }}: {{ toJson $value }}
  {{- end }}
  {{- if and $g.kafkaOptional .Values.liveStore.enabled }}
  query_live_store: true
  {{- end }}
{{- end -}}

{{- define "tempo.config.frontend" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $set := deepCopy .Values.queryFrontend.config -}}
{{- range $g.frontendOmits -}}
{{- $_ := unset $set.search . -}}
{{- end -}}
{{- with .Values.queryFrontend.mcp_server -}}
{{- $_ := set $set "mcp_server" (dict "enabled" .enabled) -}}
{{- end -}}
query_frontend: {{ toJson $set }}
{{- end -}}
