// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"time"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/inventory"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/prometheus"
	"github.com/picluster/tracing/modules/internal/s3secret"
	"github.com/picluster/tracing/modules/internal/scheduling"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempomode"
	"github.com/picluster/tracing/modules/internal/tempomove"
)

// Status is the release as it was observed, and what would be made of it.
type Status struct {
	Namespace   Namespace
	Credentials s3secret.Credentials
	CA          s3secret.CA
	// Choice fills in what the options leave open; empty where the release is to be removed.
	Choice tempomode.Choice
	// Room is how long the budget lets traces be kept; empty without one.
	Room tempobudget.Decision
	// Graph is where the metrics of the service graph go; empty where nothing is
	// looked for.
	Graph prometheus.Target
	// Release is the newest revision; its Status is helm.Absent when there is none.
	Release helm.Release
	// Manifests are the objects of the release's manifest, where they are compared.
	Manifests []helm.Object
	// Live are the release's objects.
	Live inventory.Live
	// Owner is the GitOps tool's object that manages them, if any.
	Owner kube.Owner
	// Drift is how they differ from what the release made.
	Drift []inventory.Drift
	// Claims are the volume claims of the release, where they are to be removed or
	// their size matters.
	Claims []core.PersistentVolumeClaim
	// Nodes are those of the cluster, where their number matters; Pods are those of
	// the release.
	Nodes []core.Node
	Pods  []core.Pod
	// PodsHidden is why the pods could not be read; nil when they were.
	PodsHidden error
	// Move is what the upgrade leaves behind; nil without one.
	Move *tempomove.Move
	// LeaseHolder works on a release that is pending, or did until it died.
	LeaseHolder kube.Holder
	// ObservedAt is when all this was read.
	ObservedAt time.Time
	// Proposal is what the options lead to; empty where the release is to be removed.
	Proposal Proposal
}

// Namespace is the namespace of the release; labels and annotations are those
// that matter to the task.
type Namespace struct {
	Found bool
	// Terminating says that it is being deleted, and what holds it; nil when it is not.
	Terminating         error
	Labels, Annotations map[string]string
}

// Proposal is the revision that the options lead to.
type Proposal struct {
	Chart  helm.Chart
	Values map[string]any
	// Credentials and CA are the wanted Secrets, an owned one with its salt.
	Credentials s3secret.Credentials
	CA          s3secret.CA
	// Refusal is why these versions cannot do what the options ask for.
	Refusal error
	// Deployed is true when the release is like this already.
	Deployed bool
	// Upgrade is true when there is a release, which is upgraded.
	Upgrade bool
	// Manifest is what it renders to, and Objects are the objects in it; empty when
	// it is deployed already, or refused.
	Manifest string
	Objects  []helm.Object
	// PodSets are the workloads among them, and Deadlocks those whose update would
	// never end.
	PodSets, Deadlocks []scheduling.PodSet
	// Verdict is what the API server says to the objects. Those of its Recreate must be
	// deleted first, as they cannot be changed in place.
	Verdict inventory.Verdict
}

// foreign reports whether the release is somebody else's to change.
func (s Status) foreign(spec Spec) bool { return s.Owner.Foreign() && !spec.TakeOwnership }

// pending returns why a release that is pending is left alone, nil when it may be
// repaired or is not pending at all.
func (s Status) pending(spec Spec) error {
	release := s.Release
	if !release.Status.Pending() {
		return nil
	}
	state := "release " + spec.Namespace + "/" + spec.Release + " is " + string(release.Status)
	if s.LeaseHolder.Alive {
		return kube.Busy(s.LeaseHolder, state)
	}
	if age := s.ObservedAt.Sub(release.Updated); !s.LeaseHolder.RanAt(release.Updated) && age < spec.WaitTimeout {
		return fault.New(fault.Conflict, "run again when it is done; if it died, it is repaired by a run after wait_timeout, or now with a smaller wait_timeout",
			"%s for %s: another Helm client seems to work on it", state, age.Round(time.Second))
	}
	if !spec.Recover {
		return fault.New(fault.Conflict, "set recover: true, which marks the revision as failed and upgrades; nothing is uninstalled",
			"%s: the process that worked on it has died", state)
	}
	return nil
}
