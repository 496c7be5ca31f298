{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* The parts of tempo.yaml that came with the write path through Kafka. */}}

{{- define "tempo.config.backend" -}}
{{- if .Values.backendScheduler.enabled -}}
{{- $set := deepCopy .Values.backendScheduler.config -}}
{{- $_ := unset $set.provider.compaction "measure_interval" -}}
{{- $worker := .Values.backendWorker.config -}}
backend_scheduler: {{ toJson $set }}
{{- with $worker.backend_scheduler_client.grpc_client_config }}
backend_scheduler_client: {grpc_client_config: {{ toJson . }}}
{{- end }}
backend_worker:
  backend_scheduler_addr: {{ include "tempo.object" (list . "backend-scheduler") }}:9095
  backoff: {{ toJson $worker.backoff }}
  compaction: {{ mergeOverwrite $set.provider.compaction.compaction $worker.compaction | toJson }}
  finish_on_shutdown_timeout: {{ $worker.finish_on_shutdown_timeout }}
  ring: {kvstore: {store: memberlist}}
{{- end -}}
{{- end -}}

{{- define "tempo.config.kafka" -}}
{{- $both := (include "tempo.generation" . | fromJson).kafkaOptional -}}
{{- if .Values.blockBuilder.enabled }}
block_builder: {partitions_per_instance: {{ .Values.blockBuilder.config.partitions_per_instance }}}
{{- end }}
{{- if .Values.liveStore.enabled }}
live_store: {{ toJson .Values.liveStore.config }}
{{- end }}
{{- if and $both .Values.blockBuilder.enabled .Values.liveStore.enabled }}
partition_ring_live_store: true
{{- end }}
{{- if .Values.ingest.kafka.address }}
ingest:
  {{- if $both }}
  enabled: true
  {{- end }}
  kafka: {{ toJson .Values.ingest.kafka }}
{{- end }}
{{- end -}}
