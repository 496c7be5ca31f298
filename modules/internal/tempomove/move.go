// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempomove handles upgrades after which no pod reads what the old Tempo
// pods hold: what would be lost, whether it can be flushed first, and how.
package tempomove

import (
	"context"
	"slices"
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Strategy is how to go about what the pods hold.
type Strategy = string

// The ways.
const (
	// Drain stores it in the object storage first.
	Drain Strategy = "drain"
	// Lossy goes on without it.
	Lossy Strategy = "lossy"
)

// Release is what is upgraded, and how.
type Release struct {
	Namespace, Name string
	Strategy        Strategy
	// Atomic promises a rollback.
	Atomic bool
	// Timeout bounds the wait for each pod.
	Timeout time.Duration
	// Bucket holds the blocks, under Prefix.
	Bucket, Prefix string
}

// Move is an upgrade after which nobody reads all that the old pods hold: across
// one of compat's crossings, or from one mode to the other, since the volumes of
// one chart are not those of the other.
type Move struct {
	Release Release
	// From and To are versions of Tempo; FromChart and ToChart are names of charts.
	From, To, FromChart, ToChart string
	// FromVersion is that of the deployed chart, ToVersion that of the other.
	FromVersion, ToVersion string
	// Holders are the pods with spans that are not in the object storage yet.
	Holders []Holder
	// Hidden is why the pods could not be read; nil when they were.
	Hidden error
	// Blocks are what is stored; nil where nobody looked.
	Blocks *Blocks
}

// Holder is a pod that holds spans in memory and in its write-ahead log.
type Holder struct {
	kube.PodPort
	// Unreachable is why it could not be asked; nil where it answers.
	Unreachable error
}

// Reader asks a pod by the API server's proxy.
type Reader interface {
	GetFromPod(ctx context.Context, at kube.PodPort, path string) (status int, text string, err error)
}

// Between is the move from a chart, whose pods exist, to another one or to
// another version to of Tempo.
func Between(release Release, from helm.Chart, pods []core.Pod, chart helm.Chart, to string) Move {
	return Move{
		Release: release, From: running(from.AppVersion, pods), To: to,
		FromChart: from.Name, ToChart: chart.Name, FromVersion: from.Version, ToVersion: chart.Version,
	}
}

// Ask asks the pods that have to be drained whether they can be: what cannot be
// done is known before the first write.
func (m *Move) Ask(ctx context.Context, reader Reader, pods []core.Pod) {
	for _, pod := range pods {
		if m.needsDrain() && holds(pod) {
			m.Holders = append(m.Holders, m.holder(ctx, reader, pod))
		}
	}
}

// holder asks a pod for what a drain waits for.
func (m *Move) holder(ctx context.Context, reader Reader, pod core.Pod) Holder {
	found := Holder{PodPort: kube.PodPort{Namespace: m.Release.Namespace, Pod: pod.Name, Port: httpPort(pod)}}
	if !m.lossy() {
		_, _, found.Unreachable = reader.GetFromPod(ctx, found.PodPort, "ready")
	}
	return found
}

// crossings are the boundaries on the way.
func (m *Move) crossings() []compat.Crossing { return compat.CrossingsBetween(m.From, m.To) }

// needsDrain reports whether old pods hold what the new ones do not read.
func (m *Move) needsDrain() bool {
	return compat.TempoHas(compat.Tempo, compat.Flush, m.From) && (len(m.crossings()) > 0 || m.FromChart != m.ToChart)
}

// replays reports whether the new pods read the write-ahead log of the old ones,
// but for its end: what cannot be stored first need not stop such a move.
func (m *Move) replays() bool {
	return m.FromChart == m.ToChart && !slices.ContainsFunc(m.crossings(), func(c compat.Crossing) bool { return !c.Replays })
}

func (m *Move) lossy() bool { return m.Release.Strategy == Lossy }
