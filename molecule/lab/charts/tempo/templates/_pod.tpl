{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* The pod of the single binary. Callers pass the root context. */}}

{{- define "tempo.pod" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
metadata:
  labels:
    {{- include "tempo.selectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "tempo.configObject" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "tempo.serviceAccount" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountServiceAccountToken }}
  {{- range $key := list "priorityClassName" "hostAliases" "initContainers" "affinity" "nodeSelector" "tolerations" "securityContext" }}
  {{- with get $.Values $key }}
  {{ $key }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  containers:
    - {{- include "tempo.container" . | nindent 6 }}
    {{- if .Values.tempoQuery.enabled }}
    - {{- include "tempo.queryContainer" . | nindent 6 }}
    {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - {name: tempo-conf, configMap: {name: {{ include "tempo.short" . }}}}
    {{- if .Values.tempoQuery.enabled }}
    - {name: tempo-query-conf, configMap: {name: {{ include "tempo.short" . }}-query}}
    {{- end }}
    {{- if and $g.generatorVolume .Values.tempo.metricsGenerator.enabled }}
    - {name: tmp, emptyDir: {}}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "tempo.container" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
name: tempo
image: {{ include "tempo.image" . }}
imagePullPolicy: {{ .Values.tempo.pullPolicy }}
args:
  - -config.file=/conf/tempo.yaml
  {{- if not $g.liveStore }}
  - -mem-ballast-size-mbs={{ .Values.tempo.memBallastSizeMbs }}
  {{- end }}
  {{- range $flag, $value := .Values.tempo.extraArgs }}
  - "-{{ $flag }}{{ if $value }}={{ $value }}{{ end }}"
  {{- end }}
ports:
  - {name: prom-metrics, containerPort: {{ $g.httpPort }}, protocol: TCP}
  {{- range $name, $fact := $g.containerPorts }}
  - {name: {{ $name }}, containerPort: {{ $fact.port }}, protocol: {{ default "TCP" $fact.protocol }}}
  {{- end }}
{{- range $key, $from := dict "env" "extraEnv" "envFrom" "extraEnvFrom" "resources" "resources" "securityContext" "securityContext" }}
{{- with get $.Values.tempo $from }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- if $g.probes }}
livenessProbe: {{ toJson .Values.tempo.livenessProbe }}
readinessProbe: {{ toJson .Values.tempo.readinessProbe }}
{{- end }}
volumeMounts:
  - {name: tempo-conf, mountPath: /conf}
  {{- if .Values.persistence.enabled }}
  - {name: storage, mountPath: /var/tempo}
  {{- end }}
  {{- if and $g.generatorVolume .Values.tempo.metricsGenerator.enabled }}
  - {name: tmp, mountPath: /tmp}
  {{- end }}
  {{- with .Values.tempo.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "tempo.queryContainer" -}}
{{- $g := include "tempo.generation" . | fromJson -}}
name: tempo-query
image: {{ .Values.tempoQuery.repository }}:{{ default .Chart.AppVersion .Values.tempoQuery.tag }}
imagePullPolicy: {{ .Values.tempoQuery.pullPolicy }}
args:
  {{- toYaml $g.queryArgs | nindent 2 }}
  {{- range $flag, $value := .Values.tempoQuery.extraArgs }}
  - "-{{ $flag }}{{ if $value }}={{ $value }}{{ end }}"
  {{- end }}
ports:
  - {name: jaeger-ui, containerPort: 16686, protocol: TCP}
  - {name: jaeger-metrics, containerPort: 16687, protocol: TCP}
{{- range $key, $from := dict "env" "extraEnv" "resources" "resources" "securityContext" "securityContext" }}
{{- with get $.Values.tempoQuery $from }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
volumeMounts:
  - {name: tempo-query-conf, mountPath: /conf}
  {{- with .Values.tempoQuery.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
