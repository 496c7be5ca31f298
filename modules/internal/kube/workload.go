// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

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

// Workload is a Deployment, StatefulSet, DaemonSet or Job and how far it is.
type Workload struct {
	Kind, Name string
	// Wanted pods, and those of the newest template that are ready.
	Wanted, Ready int32
	// Lag says why it is not ready, or is "".
	Lag string
	// Selector finds its pods; Template is what they are made from.
	Selector *meta.LabelSelector
	Template core.PodTemplateSpec

	// ordered is what orderedRevision says.
	ordered string
	// uid is that of the object; refusal is the API server's word on its pods where
	// the object itself tells it, and volumes are what its claims add to each pod.
	uid     types.UID
	refusal string
	volumes []core.Volume
}

// Path names the workload as plans do.
func (w Workload) Path() string { return strings.ToLower(w.Kind) + "/" + w.Name }

// Done reports whether all of its pods are of the newest template and ready.
func (w Workload) Done() bool { return w.Lag == "" }

// FromDeployment reads how far a Deployment is, by the rules of kubectl rollout
// status (kubectl pkg/polymorphichelpers/rollout_status.go).
func FromDeployment(d apps.Deployment) Workload {
	w := Workload{Kind: "Deployment", Name: d.Name, Wanted: replicas(d.Spec.Replicas), Ready: min(d.Status.UpdatedReplicas, d.Status.AvailableReplicas),
		Selector: d.Spec.Selector, Template: d.Spec.Template, uid: d.UID}
	for _, condition := range d.Status.Conditions {
		if condition.Type == apps.DeploymentReplicaFailure && condition.Status == core.ConditionTrue {
			w.refusal = condition.Message
		}
	}
	switch {
	case d.Status.ObservedGeneration < d.Generation:
		w.Lag = "its change has not been seen yet"
	case d.Status.UpdatedReplicas < w.Wanted:
		w.Lag = fmt.Sprintf("%d of %d pods are new", d.Status.UpdatedReplicas, w.Wanted)
	case d.Status.Replicas > d.Status.UpdatedReplicas:
		w.Lag = fmt.Sprintf("%d old pods are still there", d.Status.Replicas-d.Status.UpdatedReplicas)
	case d.Status.AvailableReplicas < d.Status.UpdatedReplicas:
		w.Lag = fmt.Sprintf("%d of %d pods are available", d.Status.AvailableReplicas, w.Wanted)
	}
	return w
}

// FromStatefulSet reads how far a StatefulSet is.
func FromStatefulSet(s apps.StatefulSet) Workload {
	w := Workload{Kind: "StatefulSet", Name: s.Name, Wanted: replicas(s.Spec.Replicas), Ready: s.Status.ReadyReplicas,
		Selector: s.Spec.Selector, Template: s.Spec.Template, ordered: orderedRevision(s), uid: s.UID}
	for _, claim := range s.Spec.VolumeClaimTemplates {
		w.volumes = append(w.volumes, core.Volume{Name: claim.Name})
	}
	rolling := s.Spec.UpdateStrategy.Type != apps.OnDeleteStatefulSetStrategyType
	switch {
	case s.Status.ObservedGeneration < s.Generation:
		w.Lag = "its change has not been seen yet"
	case s.Status.ReadyReplicas < w.Wanted:
		w.Lag = fmt.Sprintf("%d of %d pods are ready", s.Status.ReadyReplicas, w.Wanted)
	case s.Status.Replicas > w.Wanted:
		w.Lag = fmt.Sprintf("%d pods too many are still there", s.Status.Replicas-w.Wanted)
	// A StatefulSet that was made anew calls the pods that it took over neither old nor new.
	case rolling && s.Status.UpdatedReplicas < w.Wanted-partition(s):
		w.Lag = fmt.Sprintf("%d of %d pods are new", s.Status.UpdatedReplicas, w.Wanted)
	}
	return w
}

// FromDaemonSet reads how far a DaemonSet is.
func FromDaemonSet(d apps.DaemonSet) Workload {
	status := d.Status
	w := Workload{Kind: "DaemonSet", Name: d.Name, Wanted: status.DesiredNumberScheduled, Ready: min(status.UpdatedNumberScheduled, status.NumberAvailable),
		Selector: d.Spec.Selector, Template: d.Spec.Template, uid: d.UID}
	switch {
	case status.ObservedGeneration < d.Generation:
		w.Lag = "its change has not been seen yet"
	case status.UpdatedNumberScheduled < w.Wanted:
		w.Lag = fmt.Sprintf("%d of %d pods are new", status.UpdatedNumberScheduled, w.Wanted)
	case status.NumberAvailable < w.Wanted:
		w.Lag = fmt.Sprintf("%d of %d pods are available", status.NumberAvailable, w.Wanted)
	}
	return w
}

// FromJob reads how far a Job is.
func FromJob(j batch.Job) Workload {
	w := Workload{Kind: "Job", Name: j.Name, Wanted: replicas(j.Spec.Completions), Ready: j.Status.Succeeded,
		Selector: j.Spec.Selector, Template: j.Spec.Template, uid: j.UID}
	if w.Ready < w.Wanted {
		w.Lag = fmt.Sprintf("%d of %d pods have ended well", w.Ready, w.Wanted)
	}
	return w
}

// FromObject reads how far an object of any kind is; false for one that runs no
// pods.
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

func replicas(wanted *int32) int32 {
	if wanted == nil {
		return 1
	}
	return *wanted
}

// partition is the number of pods that an update shall leave alone.
func partition(s apps.StatefulSet) int32 {
	update := s.Spec.UpdateStrategy.RollingUpdate
	if update == nil || update.Partition == nil {
		return 0
	}
	return *update.Partition
}
