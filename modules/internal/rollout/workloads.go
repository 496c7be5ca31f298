// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"cmp"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
)

// Deployment follows the rules of kubectl rollout status: every desired pod is of
// the newest template and available, and none of an older one is left
// (kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go). If there never
// was an older one, ready is enough, as it is for Helm's own wait.
func Deployment(d apps.Deployment) Status {
	status, wanted := d.Status, Replicas(d.Spec.Replicas)
	serving, lag := serving(d)
	switch {
	case status.ObservedGeneration < d.Generation:
		return Status{State: InProgress, Reason: Unobserved}
	case status.UpdatedReplicas < wanted:
		return replacing(d, Status{Reason: Outdated, Have: status.UpdatedReplicas, Want: wanted})
	case status.Replicas > status.UpdatedReplicas:
		return replacing(d, Status{Reason: Replaced, Have: status.Replicas - status.UpdatedReplicas})
	case status.UpdatedReplicas > wanted:
		return progressing(d, Status{Reason: Surplus, Have: status.UpdatedReplicas - wanted})
	case serving < wanted:
		return progressing(d, Status{Reason: lag, Have: serving, Want: wanted})
	}
	return Status{State: Done}
}

// serving is the number of pods that count as up, and the reason if they are too
// few. Available means ready for spec.minReadySeconds, during which a rolling update
// keeps the old pods, in case the new ones fail soon after they became ready.
// Recreate keeps none, but an upgrade that is undone if it fails has to see that
// too. An install has nothing to keep or to return to: its pods take requests as
// soon as they are ready.
func serving(d apps.Deployment) (int32, Reason) {
	if d.Annotations[revisionAnnotation] == "1" {
		return d.Status.ReadyReplicas, Unready
	}
	return d.Status.AvailableReplicas, Unavailable
}

// revisionAnnotation counts the templates that a Deployment has had. Its controller
// writes it when it has created the ReplicaSet, before it reports any pod
// (kubernetes pkg/controller/deployment/util/deployment_util.go).
const revisionAnnotation = "deployment.kubernetes.io/revision"

// replacing is for a Deployment whose pods are not all of the newest template.
// If paused, it creates no pods of it, but still scales those that it has.
func replacing(d apps.Deployment, why Status) Status {
	scaling := d.Status.UpdatedReplicas > 0 && d.Status.Replicas == d.Status.UpdatedReplicas
	if d.Spec.Paused && !scaling {
		return Status{State: Held, Reason: Paused}
	}
	return progressing(d, why)
}

// progressing adds what the controller says if it has given up. It still
// continues as soon as it can.
func progressing(d apps.Deployment, why Status) Status {
	why.State = InProgress
	for _, condition := range d.Status.Conditions {
		if condition.Type == apps.DeploymentProgressing && condition.Status == core.ConditionFalse {
			why.Message = cmp.Or(condition.Message, condition.Reason)
		}
	}
	return why
}

// StatefulSet is done when every pod is ready, and those that its update strategy
// replaces are of the newest template: none with OnDelete, and with a partition
// only those from that ordinal on (the same file of kubectl). Its controller
// moves on only when a pod is available; for the last one, ready is enough.
func StatefulSet(s apps.StatefulSet) Status {
	status, wanted := s.Status, Replicas(s.Spec.Replicas)
	replaced := wanted - partition(s)
	switch {
	case status.ObservedGeneration < s.Generation:
		return Status{State: InProgress, Reason: Unobserved}
	case status.ReadyReplicas < wanted:
		return Status{State: InProgress, Reason: Unready, Have: status.ReadyReplicas, Want: wanted}
	case status.Replicas > wanted:
		return Status{State: InProgress, Reason: Surplus, Have: status.Replicas - wanted}
	// A recreated one counts the pods that it took over as neither old nor new.
	case s.Spec.UpdateStrategy.Type != apps.OnDeleteStatefulSetStrategyType && status.UpdatedReplicas < replaced:
		return Status{State: InProgress, Reason: Outdated, Have: status.UpdatedReplicas, Want: replaced}
	}
	return Status{State: Done}
}

// partition is the number of pods that an update leaves alone.
func partition(s apps.StatefulSet) int32 {
	update := s.Spec.UpdateStrategy.RollingUpdate
	if update == nil || update.Partition == nil {
		return 0
	}
	return *update.Partition
}

// ReplacedFrom is the ordinal of the first pod that an update replaces; those below
// it keep their template, even if they are recreated (kubernetes
// pkg/controller/statefulset/stateful_set_control.go, isCurrentRevisionNeeded).
func ReplacedFrom(s apps.StatefulSet) int32 {
	if s.Spec.Ordinals == nil {
		return partition(s)
	}
	return s.Spec.Ordinals.Start + partition(s)
}

// DaemonSet is done when each node that should have a pod has an available one, of
// the newest template unless the update strategy is OnDelete. It does not record
// whether it ever had another template, so available is required on an install too.
func DaemonSet(d apps.DaemonSet) Status {
	status, wanted := d.Status, d.Status.DesiredNumberScheduled
	switch {
	case status.ObservedGeneration < d.Generation:
		return Status{State: InProgress, Reason: Unobserved}
	case d.Spec.UpdateStrategy.Type != apps.OnDeleteDaemonSetStrategyType && status.UpdatedNumberScheduled < wanted:
		return Status{State: InProgress, Reason: Outdated, Have: status.UpdatedNumberScheduled, Want: wanted}
	case status.NumberAvailable < wanted:
		return Status{State: InProgress, Reason: Unavailable, Have: status.NumberAvailable, Want: wanted}
	}
	return Status{State: Done}
}

// Job is done when its controller calls it complete, which by a success policy
// may be before all of its pods have succeeded.
func Job(j batch.Job) Status {
	for _, condition := range j.Status.Conditions {
		switch {
		case condition.Status != core.ConditionTrue:
		case condition.Type == batch.JobComplete:
			return Status{State: Done}
		case condition.Type == batch.JobFailed:
			return Status{State: Failed, Reason: Unsuccessful, Message: cmp.Or(condition.Message, condition.Reason)}
		}
	}
	if j.Spec.Suspend != nil && *j.Spec.Suspend {
		return Status{State: Held, Reason: Suspended}
	}
	return Status{State: InProgress, Reason: Unfinished, Have: j.Status.Succeeded, Want: Replicas(j.Spec.Completions)}
}

// Replicas is the number of pods in a spec, which defaults to 1.
func Replicas(wanted *int32) int32 {
	if wanted == nil {
		return 1
	}
	return *wanted
}
