{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* Scheduling defaults that values.yaml names. Callers pass a list: root context, component name. */}}

{{/* One pod of a component per node, or Pending: the default of everything but the components with state. */}}
{{- define "tempo.affinity.required" -}}
{{- $g := include "tempo.generation" (index . 0) | fromJson -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "tempo.selectorLabels" . | nindent 10 }}
  preferredDuringSchedulingIgnoredDuringExecution:
    - {{- include "tempo.affinity.term" (list . 100 $g.zoneKey) | nindent 6 }}
{{- end -}}

{{/* Spread when there is room. */}}
{{- define "tempo.affinity.soft" -}}
{{- $g := include "tempo.generation" (index . 0) | fromJson -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - {{- include "tempo.affinity.term" (list . 100 "kubernetes.io/hostname") | nindent 6 }}
    - {{- include "tempo.affinity.term" (list . 75 $g.zoneKey) | nindent 6 }}
{{- end -}}

{{- define "tempo.affinity.hostOnly" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - {{- include "tempo.affinity.term" (list . 100 "kubernetes.io/hostname") | nindent 6 }}
{{- end -}}

{{- define "tempo.affinity.term" -}}
weight: {{ index . 1 }}
podAffinityTerm:
  topologyKey: {{ index . 2 }}
  labelSelector:
    matchLabels:
      {{- include "tempo.selectorLabels" (index . 0) | nindent 6 }}
{{- end -}}

{{- define "tempo.zoneSpread" -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "tempo.selectorLabels" . | nindent 6 }}
{{- end -}}
