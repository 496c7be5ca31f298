{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}

{{/* tempo.yaml from the values. values.yaml has it as `config`, so that a user can replace it whole, as in the real chart.
     A receiver that is null stays in the list: Tempo takes it for one with its defaults. */}}
{{- define "tempo.config" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $set := .Values.tempo -}}
multitenancy_enabled: {{ $set.multitenancyEnabled }}
usage_report: {reporting_enabled: {{ $set.reportingEnabled }}}
{{- if $g.streamKey }}
stream_over_http_enabled: {{ $set.streamOverHttpEnabled }}
{{- end }}
{{- if $g.oldConfig }}
search_enabled: {{ $set.searchEnabled }}
metrics_generator_enabled: {{ $set.metricsGenerator.enabled }}
{{- else }}
memberlist: {cluster_label: "{{ .Release.Name }}.{{ .Release.Namespace }}"}
{{- end }}
{{- if $g.liveStore }}
{{- include "tempo.config.backend" . }}
{{- else }}
compactor: {compaction: {block_retention: {{ $set.retention }}}}
ingester: {{ toJson $set.ingester }}
{{- end }}
distributor:
  receivers: {{ toJson $set.receivers }}
server: {{ toJson $set.server }}
storage: {{ toJson .Values.tempo.storage }}
querier: {{ toJson $set.querier }}
query_frontend: {{ toJson $set.queryFrontend }}
{{- if $g.oldConfig }}
{{- include "tempo.config.oldGenerator" . }}
{{- else }}
overrides: {{ toJson $set.overrides }}
{{- include "tempo.config.generator" . }}
{{- end }}
{{- end -}}

{{- define "tempo.config.oldGenerator" -}}
{{- $set := .Values.tempo -}}
{{- if $set.metricsGenerator.enabled }}
overrides: {{ merge (dict "metrics_generator_processors" (list "service-graphs" "span-metrics")) $set.global_overrides | toJson }}
metrics_generator:
  storage:
    path: /tmp/tempo
    remote_write: [{url: {{ $set.metricsGenerator.remoteWriteUrl }}}]
{{- else }}
overrides: {{ toJson $set.global_overrides }}
{{- end }}
{{- end -}}

{{- define "tempo.config.generator" -}}
{{- with .Values.tempo.metricsGenerator }}
{{- if .enabled }}
metrics_generator:
  {{- with .processor }}
  processor: {{ toJson . }}
  {{- end }}
  {{- with .registry }}
  registry: {{ toJson . }}
  {{- end }}
  storage:
    path: {{ .storage.path }}
    remote_write: {{ default (list (dict "url" .remoteWriteUrl)) .storage.remote_write | toJson }}
  {{- with .traces_storage }}
  traces_storage: {path: {{ .path }}}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The parts that replaced ingester and compactor in Tempo 3. */}}
{{- define "tempo.config.backend" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $set := .Values.tempo -}}
{{- $kept := dict "block_retention" $set.retention -}}
{{- $scheduler := mustMergeOverwrite (dict "provider" (dict "compaction" (dict "compaction" $kept))) (deepCopy $set.backendScheduler) -}}
{{- $worker := deepCopy $set.backendWorker -}}
{{- if $g.workerRetention -}}
{{- $worker = mustMergeOverwrite (dict "compaction" (deepCopy $scheduler.provider.compaction.compaction)) $worker -}}
{{- end }}
backend_scheduler: {{ toJson $scheduler }}
{{- with $worker }}
backend_worker: {{ toJson . }}
{{- end }}
{{- with $set.liveStore }}
live_store: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* The ConfigMap with tempo.yaml; its hash is the pod's checksum/config. */}}
{{- define "tempo.configObject" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "tempo.short" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "tempo.labels" . | nindent 4 }}
data:
  overrides.yaml: |
    overrides: {{ ternary .Values.tempo.overrides .Values.tempo.per_tenant_overrides $g.oldConfig | toJson }}
  tempo.yaml: |
    {{- tpl .Values.config . | nindent 4 }}
{{- end -}}
