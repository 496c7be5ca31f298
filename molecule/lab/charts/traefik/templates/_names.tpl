{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Names and labels. Callers pass the root context. */}}

{{- define "traefik.short" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "traefik.fullname" -}}
{{- $short := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $short) (contains $short .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The release's name until chart 10; from chart 20 with the namespace, so that two releases can share a name. */}}
{{- define "traefik.instance" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $own := ternary (printf "%s-%s" .Release.Name .Release.Namespace) .Release.Name $g.instanceWithNamespace -}}
{{- default $own .Values.instanceLabelOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "traefik.selectorLabels" -}}
app.kubernetes.io/name: {{ include "traefik.short" . }}
app.kubernetes.io/instance: {{ include "traefik.instance" . }}
{{- end -}}

{{- define "traefik.labels" -}}
{{ include "traefik.selectorLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "traefik.serviceAccount" -}}
{{- default (include "traefik.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "traefik.clusterRole" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $name := include "traefik.fullname" . -}}
{{- ternary (printf "%s-%s" $name .Release.Namespace) $name $g.instanceWithNamespace -}}
{{- end -}}

{{/* The facts of this chart version, written by the packager. */}}
{{- define "traefik.generation" -}}
{{ .Files.Get "generation.json" }}
{{- end -}}

{{/* The value at a dotted path below a map, as JSON {"found": …}; null when a step is missing. */}}
{{- define "traefik.at" -}}
{{- $found := index . 0 -}}
{{- range splitList "." (index . 1) -}}
{{- $found = ternary (get (ternary $found dict (kindIs "map" $found)) .) nil (kindIs "map" $found) -}}
{{- end -}}
{{- dict "found" $found | mustToJson -}}
{{- end -}}

{{- define "traefik.image" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $image := .Values.image -}}
{{- $name := printf "%s:%s" (coalesce $image.repository $image.name "traefik") (default .Chart.AppVersion $image.tag) -}}
{{- if $g.registryInImage -}}
{{- $name = printf "%s/%s" (default "docker.io" $image.registry) $name -}}
{{- end -}}
{{- if and $g.systemRegistry .Values.global.systemDefaultRegistry -}}
{{- $name = printf "%s/%s" .Values.global.systemDefaultRegistry $name -}}
{{- end -}}
{{- $name -}}
{{- end -}}
