// SPDX-License-Identifier: AGPL-3.0-or-later

package loglink

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// programLabels are labels that name a program, best first: those of promtail's chart,
// of Kubernetes' own words, of the OpenTelemetry Collector, and of shippers that
// name only themselves. Loki copies one of them into service_name where the shipper
// does not set it (discover_service_name), so that this one is the last.
var programLabels = []string{
	"app", "app_kubernetes_io_name", "container", "container_name", "k8s_deployment_name", "k8s_container_name",
	"kubernetes_container_name", "name", "job", "component", "workload", "agent", "forwarder", "source", "service_name",
}

// volatileLabels are labels whose values do not outlive a pod or a line.
var volatileLabels = []string{
	"pod", "pod_name", "k8s_pod_name", "kubernetes_pod_name", "k8s_pod_uid", "pod_uid", "filename", "file", "instance", "stream",
	"node", "node_name", "nodename", "host", "hostname", "k8s_node_name", "service_instance_id", "container_id", "uid", "level",
	"detected_level", "pod_template_hash", "k8s_replicaset_name", "replicaset", "logtag", "__stream_shard__",
}

// ours reports whether a value mentions Traefik.
func ours(value string) bool { return strings.Contains(strings.ToLower(value), "traefik") }

// helperPods are k3s' own pods for Traefik: those that install it, and those that forward
// the nodes' ports to it.
var helperPods = []string{"helm-install-", "svclb-"}

// ofTraefik reports whether a stream is of Traefik.
func ofTraefik(labels map[string]string) bool {
	mentioned := false
	for _, value := range labels {
		mentioned = mentioned || ours(value)
		if slices.ContainsFunc(helperPods, func(name string) bool { return strings.Contains(value, name) }) {
			return false
		}
	}
	return mentioned
}

// unknownService is what Loki and the Collector call a program that they do not know.
const unknownService = "unknown_service"

// Selector finds the stream with these labels again when its pod is another: by
// the label that says most.
func Selector(labels map[string]string) string {
	names := slices.SortedFunc(maps.Keys(labels), func(a, b string) int {
		return cmp.Or(cmp.Compare(labelRank(a, labels[a]), labelRank(b, labels[b])), cmp.Compare(a, b))
	})
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("{%s=%q}", names[0], labels[names[0]])
}

// labelRank is small for a label that says much.
func labelRank(name, value string) int {
	at := slices.Index(programLabels, name)
	switch {
	case slices.Contains(volatileLabels, name):
		return 4 * len(programLabels)
	case value == unknownService:
		return 3 * len(programLabels)
	case at >= 0 && ours(value):
		return at
	case ours(value):
		return len(programLabels)
	case at >= 0:
		return len(programLabels) + 1 + at
	}
	return 2*len(programLabels) + 1
}

// maxOwn and maxOthers are how many streams of Traefik, and how many other kinds of streams, are
// searched.
const maxOwn, maxOthers = 3, 2

// Candidates are the selectors to search, Traefik's own first, then some that
// find all others. Mine counts the first.
func Candidates(streams []map[string]string) (selectors []string, mine int) {
	var rest []map[string]string
	for _, labels := range streams {
		if !ofTraefik(labels) {
			rest = append(rest, labels)
		} else if one := Selector(labels); !slices.Contains(selectors, one) {
			selectors = append(selectors, one)
		}
	}
	slices.SortFunc(selectors, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	selectors = selectors[:min(len(selectors), maxOwn)]
	return append(selectors, covering(rest)...), len(selectors)
}

// covering are selectors that find all streams, or most of them.
func covering(streams []map[string]string) (selectors []string) {
	for len(streams) > 0 && len(selectors) < maxOthers {
		counts := map[string]int{}
		for _, labels := range streams {
			for name := range labels {
				counts[name]++
			}
		}
		names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(labelRank(a, ""), labelRank(b, "")), cmp.Compare(a, b))
		})
		if len(names) == 0 {
			return selectors
		}
		selectors = append(selectors, fmt.Sprintf("{%s=~\".+\"}", names[0]))
		streams = slices.DeleteFunc(slices.Clone(streams), func(labels map[string]string) bool { return labels[names[0]] != "" })
	}
	return selectors
}

// SelectorOf is the selector with which a query begins.
func SelectorOf(query string) string {
	quote := rune(0)
	for at, letter := range query {
		switch {
		case quote != 0 && letter == quote && (quote == '`' || query[at-1] != '\\'):
			quote = 0
		case quote == 0 && (letter == '"' || letter == '`'):
			quote = letter
		case quote == 0 && letter == '}':
			return strings.TrimSpace(query[:at+1])
		}
	}
	return query
}
