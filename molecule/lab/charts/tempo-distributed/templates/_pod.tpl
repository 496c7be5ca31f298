{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* The pod template of every Tempo component. Callers pass a list: root context, component name. */}}

{{- define "tempo.pod" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
{{- $fact := get $g.components $name -}}
{{- $section := include "tempo.section" . | fromYaml -}}
metadata:
  labels:
    {{- include "tempo.labels" . | nindent 4 }}
    {{- if or $fact.gossip $g.allGossip }}
    app.kubernetes.io/part-of: memberlist
    {{- end }}
    {{- with merge (dict) (default dict $section.podLabels) (default dict $root.Values.tempo.podLabels) (default dict $root.Values.global.podLabels) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "tempo.configObject" $root | sha256sum }}
    {{- if and $g.sizeAnnotation $fact.persistent (eq (include "tempo.kind" (list $root $name $section)) "StatefulSet") (dig "persistence" "enabled" false $section) }}
    storage/size: {{ $section.persistence.size | quote }}
    {{- end }}
    {{- with merge (dict) (default dict $section.podAnnotations) (default dict $root.Values.tempo.podAnnotations) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "tempo.serviceAccount" $root }}
  enableServiceLinks: false
  {{- with coalesce $section.podSecurityContext $root.Values.tempo.podSecurityContext }}
  securityContext: {{ toJson . }}
  {{- end }}
  {{- with coalesce $section.priorityClassName $root.Values.global.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- range $key := list "hostAliases" "initContainers" "nodeSelector" "tolerations" "dnsConfig" }}
  {{- with get $section $key }}
  {{ $key }}: {{ tpl (toJson .) $root }}
  {{- end }}
  {{- end }}
  {{- include "tempo.pullSecrets" (list $root $section) | nindent 2 }}
  terminationGracePeriodSeconds: {{ $section.terminationGracePeriodSeconds }}
  {{- with $section.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- tpl . $root | nindent 4 }}
  {{- end }}
  {{- with $section.affinity }}
  affinity:
    {{- tpl . $root | nindent 4 }}
  {{- end }}
  containers:
    - {{- include "tempo.container" (list $root $name $section) | nindent 6 }}
    {{- with $section.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "tempo.volumes" (list $root $name $section) | nindent 4 }}
{{- end -}}

{{- define "tempo.container" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $section := index . 2 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
{{- $fact := get $g.components $name -}}
name: {{ $name }}
image: {{ include "tempo.image" . }}
imagePullPolicy: {{ $root.Values.tempo.image.pullPolicy }}
args:
  - -target={{ $name }}
  - -config.file=/conf/tempo.yaml
  {{- with concat $g.args (default list (include "tempo.listOf" (list $root $section "extraArgs" $g.goSettings) | fromJson).items) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  {{- include "tempo.containerPorts" . | nindent 2 }}
{{- with (include "tempo.env" (list $root $section) | fromJson).items }}
env: {{ toJson . }}
{{- end }}
{{- with (include "tempo.listOf" (list $root $section "extraEnvFrom" true) | fromJson).items }}
envFrom: {{ toJson . }}
{{- end }}
{{- if $g.liveness }}
livenessProbe: {{ coalesce $section.livenessProbe $root.Values.tempo.livenessProbe | toJson }}
{{- end }}
{{- if $fact.ready }}
readinessProbe: {{ coalesce $section.readinessProbe $root.Values.tempo.readinessProbe | toJson }}
{{- end }}
{{- with $section.resources }}
resources: {{ toJson . }}
{{- end }}
{{- with coalesce $section.containerSecurityContext $root.Values.tempo.securityContext }}
securityContext: {{ toJson . }}
{{- end }}
{{- with $section.lifecycle }}
lifecycle: {{ toJson . }}
{{- end }}
volumeMounts:
  - {name: config, mountPath: /conf}
  {{- if not $g.overridesInConfig }}
  - {name: runtime-config, mountPath: /runtime-config}
  {{- end }}
  - {name: {{ include "tempo.store" . }}, mountPath: /var/tempo}
  {{- with $section.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "tempo.containerPorts" -}}
{{- $root := index . 0 -}}{{- $name := index . 1 -}}{{- $section := index . 2 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
{{- range (get $g.components $name).ports }}
- {name: {{ . }}, containerPort: {{ get $g.ports . }}, protocol: TCP}
{{- end }}
{{- if eq $name "metrics-generator" }}
{{- range $section.ports }}
- {name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
{{- end }}
{{- end }}
{{- if eq $name "distributor" }}
{{- range (include "tempo.receivers" $root | fromJson).open }}
- {name: {{ .name }}, containerPort: {{ .port }}, protocol: {{ .protocol }}}
{{- end }}
{{- end }}
{{- with $section.extraPorts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tempo.pullSecrets" -}}
{{- $root := index . 0 -}}
{{- if (include "tempo.generation" $root | fromJson).pullSecrets -}}
{{- with coalesce (dig "image" "pullSecrets" list (index . 1)) $root.Values.tempo.image.pullSecrets $root.Values.global.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
