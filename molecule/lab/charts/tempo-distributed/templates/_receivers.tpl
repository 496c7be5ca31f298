{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}

{{/* What the enabled receivers open: "open" for the container, "served" for the Services, "config" for tempo.yaml. */}}
{{- define "tempo.receivers" -}}
{{- $open := list -}}{{- $served := list -}}{{- $config := dict -}}
{{- range $key, $fact := (include "tempo.generation" . | fromJson).receivers -}}
{{- $set := default dict (include "tempo.at" (list $ $fact.when) | fromJson).found -}}
{{- if or $set.enabled (and $fact.always $set) -}}
{{- $open = append $open $fact -}}
{{- end -}}
{{- if $set.enabled -}}
{{- $served = append $served $fact -}}
{{- with $fact.legacy -}}
{{- $served = append $served (merge (dict) . (omit $fact "legacy")) -}}
{{- end -}}
{{- $leaf := mergeOverwrite (dict "endpoint" (printf "0.0.0.0:%v" (toString $fact.port))) (default dict $set.receiverConfig) -}}
{{- range splitList "." $fact.at | reverse -}}
{{- $leaf = dict . $leaf -}}
{{- end -}}
{{- $config = mergeOverwrite $config $leaf -}}
{{- end -}}
{{- end -}}
{{- with .Values.traces.kafka -}}
{{- $_ := set $config "kafka" . -}}
{{- end -}}
{{- dict "open" $open "served" $served "config" $config | mustToJson -}}
{{- end -}}
