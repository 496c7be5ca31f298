{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}

{{/* The container's environment as JSON {"items": …}. Charts 25 to 28 have the pod's name and namespace as the default of
     `env`, so that a user's list replaces them; from chart 34 on they are always there. Callers pass the root context. */}}
{{- define "traefik.env" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $fields := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" -}}
{{- $env := list -}}
{{- range $g.fixedEnv -}}
{{- if hasKey $fields . -}}
{{- $env = append $env (dict "name" . "valueFrom" (dict "fieldRef" (dict "fieldPath" (get $fields .)))) -}}
{{- else -}}
{{- $env = append $env (dict "name" . "value" "traefik") -}}
{{- end -}}
{{- end -}}
{{- if and $g.limitsEnv (or $g.fixedEnv .Values.env) -}}
{{- $env = concat $env (default list (include "traefik.env.limits" . | fromJson).items) -}}
{{- end -}}
{{- dict "items" (concat $env (default list .Values.env)) | mustToJson -}}
{{- end -}}

{{/* Go's limits: references to the container's limits, or from chart 39 on a share of the memory limit. */}}
{{- define "traefik.env.limits" -}}
{{- $g := include "traefik.generation" . | fromJson -}}
{{- $limits := default dict (.Values.resources).limits -}}
{{- $env := list -}}
{{- if $limits.cpu -}}
{{- $ref := dict "resource" "limits.cpu" -}}
{{- if $g.fixedEnv -}}{{- $_ := set $ref "divisor" "1" -}}{{- end -}}
{{- $env = append $env (dict "name" "GOMAXPROCS" "valueFrom" (dict "resourceFieldRef" $ref)) -}}
{{- end -}}
{{- if and $limits.memory (eq $g.limitsEnv "references") -}}
{{- $ref := dict "resource" "limits.memory" -}}
{{- if $g.fixedEnv -}}{{- $_ := set $ref "divisor" "1" -}}{{- end -}}
{{- $env = append $env (dict "name" "GOMEMLIMIT" "valueFrom" (dict "resourceFieldRef" $ref)) -}}
{{- end -}}
{{- if and $limits.memory (eq $g.limitsEnv "percentage") .Values.deployment.goMemLimitPercentage -}}
{{- $share := mulf (include "traefik.mebibytes" $limits.memory | float64) .Values.deployment.goMemLimitPercentage | int -}}
{{- $env = append $env (dict "name" "GOMEMLIMIT" "value" (printf "%dMiB" $share)) -}}
{{- end -}}
{{- dict "items" $env | mustToJson -}}
{{- end -}}

{{- define "traefik.mebibytes" -}}
{{- $amount := toString . -}}
{{- if hasSuffix "Gi" $amount -}}
{{- mulf (trimSuffix "Gi" $amount | float64) 1024 | int -}}
{{- else if hasSuffix "Mi" $amount -}}
{{- trimSuffix "Mi" $amount | int -}}
{{- else -}}
{{- fail (printf "the lab's traefik chart reads memory limits in Mi or Gi only, not %s" $amount) -}}
{{- end -}}
{{- end -}}
