{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Traefik's pod. Callers pass the root context. */}}

{{- define "traefik.pod" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
metadata:
  labels:
    {{- include "traefik.labels" . | nindent 4 }}
    {{- with .Values.deployment.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- with .Values.deployment.podAnnotations }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
    {{- with (.Values.metrics).prometheus }}
    prometheus.io/scrape: "true"
    prometheus.io/path: /metrics
    prometheus.io/port: {{ (get $.Values.ports .entryPoint).port | quote }}
    {{- end }}
spec:
  serviceAccountName: {{ include "traefik.serviceAccount" . }}
  {{- if $g.podMount }}
  automountServiceAccountToken: true
  {{- end }}
  terminationGracePeriodSeconds: {{ default 60 .Values.deployment.terminationGracePeriodSeconds }}
  hostNetwork: {{ .Values.hostNetwork }}
  {{- range $key := list "imagePullSecrets" "dnsPolicy" "dnsConfig" "hostAliases" "initContainers" "shareProcessNamespace" "runtimeClassName" }}
  {{- with get $.Values.deployment $key }}
  {{ $key }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "priorityClassName" "topologySpreadConstraints" "affinity" }}
  {{- with get $.Values $key }}
  {{ $key }}: {{ tpl (toJson .) $ }}
  {{- end }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext: {{ toJson . }}
  {{- end }}
  containers:
    - {{- include "traefik.container" . | nindent 6 }}
    {{- with .Values.deployment.additionalContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - {name: {{ .Values.persistence.name }}, emptyDir: {}}
    - {name: tmp, emptyDir: {}}
    {{- range .Values.volumes }}
    - name: {{ tpl .name $ }}
      {{- if eq .type "secret" }}
      secret: {secretName: {{ tpl .name $ }}}
      {{- else }}
      configMap: {name: {{ tpl .name $ }}}
      {{- end }}
    {{- end }}
    {{- with .Values.deployment.additionalVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "traefik.container" -}}
name: {{ include "traefik.fullname" . }}
image: {{ include "traefik.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  {{- range include "traefik.args" . | trim | splitList "\n" }}
  - {{ . | quote }}
  {{- end }}
{{- with (include "traefik.env" . | fromJson).items }}
env: {{ toJson . }}
{{- end }}
{{- with .Values.envFrom }}
envFrom: {{ toJson . }}
{{- end }}
{{- with .Values.resources }}
resources: {{ toJson . }}
{{- end }}
{{- with .Values.securityContext }}
securityContext: {{ toJson . }}
{{- end }}
{{- with .Values.deployment.lifecycle }}
lifecycle: {{ toJson . }}
{{- end }}
readinessProbe: {{ merge (include "traefik.ping" . | fromYaml) .Values.readinessProbe | toJson }}
livenessProbe: {{ merge (include "traefik.ping" . | fromYaml) .Values.livenessProbe | toJson }}
{{- with .Values.startupProbe }}
startupProbe: {{ toJson . }}
{{- end }}
ports:
  {{- range $name, $port := .Values.ports }}
  {{- with $port }}
  - name: {{ lower $name }}
    containerPort: {{ default .port .containerPort }}
    protocol: {{ default "TCP" .protocol }}
    {{- with .hostPort }}
    hostPort: {{ . }}
    {{- end }}
    {{- with .hostIP }}
    hostIP: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- end }}
volumeMounts:
  - {name: {{ .Values.persistence.name }}, mountPath: {{ .Values.persistence.path }}}
  - {name: tmp, mountPath: /tmp}
  {{- range .Values.volumes }}
  - {name: {{ tpl .name $ }}, mountPath: {{ .mountPath }}, readOnly: true}
  {{- end }}
  {{- with .Values.additionalVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "traefik.ping" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
httpGet:
  path: /ping
  port: {{ coalesce .Values.deployment.healthchecksPort .Values.ports.traefik.healthchecksPort .Values.ports.traefik.port }}
  {{- with default $g.probeScheme .Values.deployment.healthchecksScheme }}
  scheme: {{ . }}
  {{- end }}
{{- end -}}
