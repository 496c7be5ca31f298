// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"cmp"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/temporollout"
)

// running is the version of Tempo in the existing pods, the oldest of them: an
// upgrade that was interrupted leaves old ones behind although the release names
// the new chart. Without pods it is the release's.
func running(released string, pods []core.Pod) string {
	oldest := ""
	for _, pod := range pods {
		version := imageVersion(pod)
		if holds(pod) && compat.Major(version) >= 0 && (oldest == "" || compat.Later(oldest, version) == oldest) {
			oldest = version
		}
	}
	return cmp.Or(oldest, released)
}

// ingester is the component that holds spans in microservices; the one pod of
// the monolithic chart has no component.
const ingester = "ingester"

// holds reports whether a pod of the release holds spans that are not stored.
func holds(pod core.Pod) bool {
	component := pod.Labels[kube.ComponentLabel]
	return (component == "" || component == ingester) && httpPort(pod) != 0
}

func httpPort(pod core.Pod) int32 {
	return temporollout.MetricsPort(core.PodTemplateSpec{ObjectMeta: pod.ObjectMeta, Spec: pod.Spec})
}

// imageVersion is the version in the tag of Tempo's image, "" for none.
func imageVersion(pod core.Pod) string {
	for _, container := range pod.Spec.Containers {
		image, _, _ := strings.Cut(container.Image, "@")
		name, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
		if name == "tempo" {
			return strings.TrimPrefix(tag, "v")
		}
	}
	return ""
}
