// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"fmt"
	"strings"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Workload is a Deployment, StatefulSet, DaemonSet or Job, and its rollout.
type Workload struct {
	Kind, Name string
	// Wanted pods, and those of the newest template that are ready.
	Wanted, Ready int32
	// Why says why it is not ready, or is "".
	Why string
	// Selector finds its pods; Template is what they are made from.
	Selector *meta.LabelSelector
	Template core.PodTemplateSpec

	// status is what Why puts into words.
	status Status
	// ordered is its orderedRevision, and replacedFrom the ordinal of the first pod
	// that an update replaces.
	ordered      string
	replacedFrom int32
	// uid is that of the object; refusal is why the API server refuses its pods, if
	// the object itself says so, and volumes are what its claims add to each pod.
	uid     types.UID
	refusal string
	volumes []core.Volume
}

// Path names the workload as plans do.
func (w Workload) Path() string { return strings.ToLower(w.Kind) + "/" + w.Name }

// Done reports whether all of its pods are of the newest template and ready.
func (w Workload) Done() bool { return w.Why == "" }

// FromDeployment reads how far a Deployment is.
func FromDeployment(d apps.Deployment) Workload {
	up, _ := serving(d)
	w := Workload{Kind: "Deployment", Name: d.Name, Wanted: Replicas(d.Spec.Replicas), Ready: min(d.Status.UpdatedReplicas, up),
		Selector: d.Spec.Selector, Template: d.Spec.Template, uid: d.UID}
	for _, condition := range d.Status.Conditions {
		if condition.Type == apps.DeploymentReplicaFailure && condition.Status == core.ConditionTrue {
			w.refusal = condition.Message
		}
	}
	return w.at(Deployment(d))
}

// FromStatefulSet reads how far a StatefulSet is.
func FromStatefulSet(s apps.StatefulSet) Workload {
	w := Workload{Kind: "StatefulSet", Name: s.Name, Wanted: Replicas(s.Spec.Replicas), Ready: s.Status.ReadyReplicas,
		Selector: s.Spec.Selector, Template: s.Spec.Template, ordered: orderedRevision(s), replacedFrom: ReplacedFrom(s), uid: s.UID}
	for _, claim := range s.Spec.VolumeClaimTemplates {
		w.volumes = append(w.volumes, core.Volume{Name: claim.Name})
	}
	return w.at(StatefulSet(s))
}

// FromDaemonSet reads how far a DaemonSet is.
func FromDaemonSet(d apps.DaemonSet) Workload {
	w := Workload{Kind: "DaemonSet", Name: d.Name, Wanted: d.Status.DesiredNumberScheduled, Ready: d.Status.NumberAvailable,
		Selector: d.Spec.Selector, Template: d.Spec.Template, uid: d.UID}
	if d.Spec.UpdateStrategy.Type != apps.OnDeleteDaemonSetStrategyType {
		w.Ready = min(w.Ready, d.Status.UpdatedNumberScheduled)
	}
	return w.at(DaemonSet(d))
}

// FromJob reads how far a Job is.
func FromJob(j batch.Job) Workload {
	w := Workload{Kind: "Job", Name: j.Name, Wanted: Replicas(j.Spec.Completions), Ready: j.Status.Succeeded,
		Selector: j.Spec.Selector, Template: j.Spec.Template, uid: j.UID}
	return w.at(Job(j))
}

// lags are the reasons in the words of a progress line. The first number is of
// the pods that are so.
func lags() map[Reason]string {
	return map[Reason]string{
		Unobserved:  "its change has not been seen yet",
		Outdated:    "%d of %d pods are new",
		Replaced:    "%d old pods are still there",
		Surplus:     "%d surplus pods are still there",
		Unavailable: "%d of %d pods are available",
		Unready:     "%d of %d pods are ready",
		Unfinished:  "%d of %d pods have ended well",
	}
}

// at returns the workload with this status.
func (w Workload) at(status Status) Workload {
	w.status = status
	format, known := lags()[status.Reason]
	switch {
	case !known:
		w.Why = status.String()
	case strings.Count(format, "%d") == 2:
		w.Why = fmt.Sprintf(format, status.Have, status.Want)
	case strings.Contains(format, "%d"):
		w.Why = fmt.Sprintf(format, status.Have)
	default:
		w.Why = format
	}
	return w
}

// FromObject reads how far an object of any kind is; false if it runs no pods.
func FromObject(object *unstructured.Unstructured) (Workload, bool) {
	switch object.GetKind() {
	case "Deployment":
		return decoded(object, FromDeployment)
	case "StatefulSet":
		return decoded(object, FromStatefulSet)
	case "DaemonSet":
		return decoded(object, FromDaemonSet)
	case "Job":
		return decoded(object, FromJob)
	}
	return Workload{}, false
}

func decoded[T any](object *unstructured.Unstructured, read func(T) Workload) (Workload, bool) {
	var typed T
	if runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &typed) != nil {
		return Workload{}, false
	}
	return read(typed), true
}
