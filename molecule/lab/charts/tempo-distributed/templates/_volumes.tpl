{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Volumes of a Tempo pod. Callers pass a list: root context, component name, section of the values. */}}

{{- define "tempo.store" -}}
{{- $fact := get (include "tempo.generation" (index . 0) | fromJson).components (index . 1) -}}
{{- default (printf "tempo-%s-store" (index . 1)) $fact.store -}}
{{- end -}}

{{- define "tempo.volumes" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $section := index . 2 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
- name: config
  {{- include "tempo.configVolume" $root | nindent 2 }}
{{- if not $g.overridesInConfig }}
- name: runtime-config
  configMap:
    name: {{ tpl $root.Values.externalRuntimeConfigName $root }}
    items:
      - {key: overrides.yaml, path: overrides.yaml}
{{- end }}
{{- $claims := include "tempo.claims" . }}
{{- if and (dig "persistence" "enabled" false $section) (dig "persistence" "inMemory" false $section) }}
- name: {{ include "tempo.store" . }}
  emptyDir: {medium: Memory, sizeLimit: {{ $section.persistence.size }}}
{{- else if not $claims }}
- name: {{ include "tempo.store" . }}
  emptyDir: {{ default dict $section.walEmptyDir | toJson }}
{{- end }}
{{- with $section.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tempo.configVolume" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
{{- $name := tpl .Values.externalConfigSecretName . -}}
{{- if eq .Values.configStorageType "Secret" -}}
secret:
  secretName: {{ $name }}
{{- else -}}
configMap:
  name: {{ $name }}
  items:
    - {key: tempo.yaml, path: tempo.yaml}
    {{- if $g.overridesInConfig }}
    - {key: overrides.yaml, path: overrides.yaml}
    {{- end }}
{{- end -}}
{{- end -}}

{{/* volumeClaimTemplates, only for a StatefulSet with persistence enabled and not in memory. */}}
{{- define "tempo.claims" -}}
{{- $root := index . 0 -}}{{- $section := index . 2 -}}
{{- $fact := get (include "tempo.generation" $root | fromJson).components (index . 1) -}}
{{- if and $fact.persistent (eq (include "tempo.kind" .) "StatefulSet") (dig "persistence" "enabled" false $section) (not (dig "persistence" "inMemory" false $section)) -}}
- metadata:
    name: {{ include "tempo.store" . }}
    {{- with $section.persistence.annotations }}
    annotations: {{ toJson . }}
    {{- end }}
    {{- with $section.persistence.labels }}
    labels: {{ toJson . }}
    {{- end }}
  {{- if (include "tempo.generation" $root | fromJson).claimKind }}
  apiVersion: v1
  kind: PersistentVolumeClaim
  {{- end }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with coalesce $section.persistence.storageClass $root.Values.global.storageClass }}
    storageClassName: {{ ternary "" . (eq . "-") | quote }}
    {{- end }}
    resources:
      requests:
        storage: {{ $section.persistence.size | quote }}
{{- end -}}
{{- end -}}

{{/* Deployment or StatefulSet: a fact of the version, except for the metrics generator, whose values say it. */}}
{{- define "tempo.kind" -}}
{{- $fact := get (include "tempo.generation" (index . 0) | fromJson).components (index . 1) -}}
{{- default $fact.kind (index . 2).kind -}}
{{- end -}}
