{{/* SPDX-License-Identifier: AGPL-3.0-or-later */}}
{{/* What a component is in this chart version. Callers pass a list: root context, component name. */}}

{{/* "yes" when the values and the chart version enable the component. */}}
{{- define "tempo.runs" -}}
{{- $root := index . 0 -}}
{{- $fact := get (include "tempo.generation" $root | fromJson).components (index . 1) -}}
{{- $wanted := true -}}
{{- with $fact.when -}}
{{- $wanted = (include "tempo.at" (list $root .) | fromJson).found -}}
{{- end -}}
{{- with $fact.unless -}}
{{- if (include "tempo.at" (list $root .) | fromJson).found -}}
{{- $wanted = false -}}
{{- end -}}
{{- end -}}
{{- ternary "yes" "" (eq (toString $wanted) "true") -}}
{{- end -}}

{{/* The component's section of the values, with the chart's own section "defaults" filled in where that exists. */}}
{{- define "tempo.section" -}}
{{- $root := index . 0 -}}
{{- $fact := get (include "tempo.generation" $root | fromJson).components (index . 1) -}}
{{- $section := deepCopy (get $root.Values $fact.section) -}}
{{- range $key, $fallback := default dict $root.Values.defaults -}}
{{- if kindIs "slice" $fallback -}}
{{- $_ := set $section $key (concat $fallback (default list (get $section $key))) -}}
{{- else if not (get $section $key) -}}
{{- $_ := set $section $key $fallback -}}
{{- end -}}
{{- end -}}
{{- $section | toYaml -}}
{{- end -}}

{{/* REGISTRY/REPOSITORY:TAG; which of the three places names the registry first is a fact of the version. */}}
{{- define "tempo.image" -}}
{{- $root := index . 0 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
{{- $own := default dict (get $root.Values (get $g.components (index . 1)).section).image -}}
{{- $places := dict "global" $root.Values.global.image "component" $own "tempo" $root.Values.tempo.image -}}
{{- $registry := "" -}}
{{- range $g.registryOrder -}}
{{- $registry = coalesce $registry (get $places .).registry -}}
{{- end -}}
{{- $repository := coalesce $own.repository $root.Values.tempo.image.repository -}}
{{- $tag := coalesce $own.tag $root.Values.tempo.image.tag $root.Chart.AppVersion | toString -}}
{{- printf "%s/%s:%s" $registry $repository $tag -}}
{{- end -}}

{{/* A list of the values: what the global section adds (if this version reads it) and the component's own. */}}
{{- define "tempo.listOf" -}}
{{- $root := index . 0 -}}{{- $section := index . 1 -}}{{- $key := index . 2 -}}{{- $globalFirst := index . 3 -}}
{{- $g := include "tempo.generation" $root | fromJson -}}
{{- $own := default list (get $section $key) -}}
{{- $shared := list -}}
{{- if has $key $g.globalKeys -}}
{{- $shared = default list (get $root.Values.global $key) -}}
{{- end -}}
{{- dict "items" (ternary (concat $shared $own) (concat $own $shared) $globalFirst) | mustToJson -}}
{{- end -}}

{{/* Environment: the lists, then (where the version does so) Go's memory settings derived from the limit. */}}
{{- define "tempo.env" -}}
{{- $root := index . 0 -}}{{- $section := index . 1 -}}
{{- $env := default list (include "tempo.listOf" (list $root $section "extraEnv" true) | fromJson).items -}}
{{- if (include "tempo.generation" $root | fromJson).goSettings -}}
{{- $names := list -}}
{{- range $env -}}{{- $names = append $names .name -}}{{- end -}}
{{- $limit := dig "limits" "memory" "" (default dict $section.resources) -}}
{{- if and $limit (not (has "GOMEMLIMIT" $names)) -}}
{{- $mib := mulf (include "tempo.mebibytes" $limit | float64) $root.Values.global.goSettings.goMemLimitFactor | int -}}
{{- $env = append $env (dict "name" "GOMEMLIMIT" "value" (printf "%dMiB" $mib)) -}}
{{- end -}}
{{- if not (has "GOGC" $names) -}}
{{- $env = append $env (dict "name" "GOGC" "value" (toString $root.Values.global.goSettings.gogc)) -}}
{{- end -}}
{{- end -}}
{{- dict "items" $env | mustToJson -}}
{{- end -}}

{{- define "tempo.mebibytes" -}}
{{- $amount := toString . -}}
{{- if hasSuffix "Gi" $amount -}}
{{- mulf (trimSuffix "Gi" $amount | float64) 1024 | int -}}
{{- else if hasSuffix "Mi" $amount -}}
{{- trimSuffix "Mi" $amount | int -}}
{{- else -}}
{{- fail (printf "the lab's tempo-distributed chart reads memory limits in Mi or Gi only, not %s" $amount) -}}
{{- end -}}
{{- end -}}
