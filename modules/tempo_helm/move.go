// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"cmp"
	"context"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/temporollout"
)

// Move is an upgrade after which nobody reads what the old pods hold: across the
// major version 3 of Tempo, or from one mode to the other. Tempo 3 never looks
// into the write-ahead log of Tempo 2 (/var/tempo/wal there,
// /var/tempo/live-store/traces here, grafana/tempo modules/livestore@v3.0.3), and
// the volumes of one chart are not those of the other.
type Move struct {
	// From and To are versions of Tempo; FromChart and ToChart are names of charts.
	From, To, FromChart, ToChart string
	// Holders are the pods with spans that are not in the object storage yet.
	Holders []Holder
}

// Holder is a pod that holds spans in memory and in its write-ahead log.
type Holder struct {
	kube.PodPort
	// Deaf is why it could not be asked; nil where it answers.
	Deaf error
}

// The ways to go about what the pods hold.
const (
	migrateDrain = "drain"
	migrateLossy = "lossy"
)

// crossesInto3 reports whether the upgrade leaves Tempo 2 behind for good.
func (m Move) crossesInto3() bool { return compat.Major(m.From) < 3 && compat.Major(m.To) >= 3 }

// is reports whether old pods hold what the new ones do not read.
func (m Move) is() bool {
	return compat.TempoHas(compat.Tempo, compat.Flush, m.From) && (m.crossesInto3() || m.FromChart != m.ToChart)
}

// move finds out whether the upgrade is one, and asks the pods that have to be
// drained whether they can be: what cannot be done is known before the first
// write.
func (r *reader) move(ctx context.Context, spec Spec, status *Status) error {
	proposal := status.Proposal
	if spec.absent() || !proposal.Upgrade || proposal.Deployed || proposal.Refusal != nil || modeOf(status.Release.Chart.Name) == "" {
		return nil
	}
	move := Move{
		From: status.running(), To: tempochart.Version(spec.Config, proposal.Chart),
		FromChart: status.Release.Chart.Name, ToChart: proposal.Chart.Name,
	}
	for _, pod := range status.Pods {
		if move.is() && holds(pod) {
			move.Holders = append(move.Holders, r.holder(ctx, spec, pod))
		}
	}
	status.Move = &move
	return nil
}

// holder asks a pod for what a drain waits for.
func (r *reader) holder(ctx context.Context, spec Spec, pod core.Pod) Holder {
	found := Holder{PodPort: kube.PodPort{Namespace: spec.Namespace, Pod: pod.Name, Port: httpPort(pod)}}
	if spec.Migrate == migrateLossy {
		return found
	}
	_, _, found.Deaf = r.cluster.GetFromPod(ctx, found.PodPort, "ready")
	return found
}

// running is the version of Tempo of the pods that are there, the oldest of
// them: an upgrade that was interrupted leaves old ones behind although the
// release names the new chart. Without pods it is the release's.
func (s Status) running() string {
	oldest := ""
	for _, pod := range s.Pods {
		version := imageVersion(pod)
		if holds(pod) && compat.Major(version) >= 0 && (oldest == "" || later(oldest, version) == oldest) {
			oldest = version
		}
	}
	return cmp.Or(oldest, s.Release.Chart.AppVersion)
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

// imageVersion is what the tag of Tempo's image says, "" for none.
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
