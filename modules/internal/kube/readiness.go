// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// judgement is whether an object does its work, or what is still missing. An
// error means that waiting is in vain.
type judgement func(*unstructured.Unstructured) (ready bool, missing string, err error)

// judges say what ready means for a kind.
var judges = map[string]judgement{
	"Deployment":               seen(deploymentReady),
	"StatefulSet":              seen(statefulSetReady),
	"DaemonSet":                seen(daemonSetReady),
	"Job":                      jobReady,
	"Pod":                      condition("Ready"),
	"CustomResourceDefinition": condition("Established"),
	"APIService":               condition("Available"),
	"Namespace":                phase("Active"),
}

// Ready reports whether an object of any kind does its work, or in missing what
// is still waited for: "2/3 ready". Kinds that are ready by being there are
// always ready. An error means that waiting is in vain.
func Ready(object *unstructured.Unstructured) (ready bool, missing string, err error) {
	if object == nil {
		return false, "not there yet", nil
	}
	judge, known := judges[object.GetKind()]
	if !known {
		return true, "", nil
	}
	return judge(object)
}

// seen is for kinds whose controller says which generation its status is about.
func seen(judge judgement) judgement {
	return func(object *unstructured.Unstructured) (bool, string, error) {
		if amount(object, "observedGeneration") < object.GetGeneration() {
			return false, "its controller has not seen the change", nil
		}
		return judge(object)
	}
}

// A rollout is over when every wanted replica is of the new template and
// available, and none of the old ones is left
// (kubernetes/kubectl, pkg/polymorphichelpers/rollout_status.go).
func deploymentReady(object *unstructured.Unstructured) (bool, string, error) {
	if status, reason := conditionOf(object, "Progressing"); status == "False" {
		return false, reason, nil
	}
	want, updated, available := desired(object), amount(object, "updatedReplicas"), amount(object, "availableReplicas")
	old := amount(object, "replicas") - updated
	switch {
	case updated < want:
		return false, fmt.Sprintf("%d/%d updated", updated, want), nil
	case old > 0:
		return false, fmt.Sprintf("%d old replicas still end", old), nil
	case updated > want:
		return false, fmt.Sprintf("%d replicas too many still end", updated-want), nil
	case available < want:
		return false, fmt.Sprintf("%d/%d available", available, want), nil
	}
	return true, "", nil
}

func statefulSetReady(object *unstructured.Unstructured) (bool, string, error) {
	want, ready, updated := desired(object), amount(object, "readyReplicas"), amount(object, "updatedReplicas")
	strategy, _, _ := unstructured.NestedString(object.Object, "spec", "updateStrategy", "type")
	switch {
	case ready < want:
		return false, fmt.Sprintf("%d/%d ready", ready, want), nil
	case amount(object, "replicas") > want:
		return false, fmt.Sprintf("%d replicas too many still end", amount(object, "replicas")-want), nil
	case strategy != "OnDelete" && updated < want:
		return false, fmt.Sprintf("%d/%d updated", updated, want), nil
	}
	return true, "", nil
}

func daemonSetReady(object *unstructured.Unstructured) (bool, string, error) {
	want, updated, available := amount(object, "desiredNumberScheduled"), amount(object, "updatedNumberScheduled"), amount(object, "numberAvailable")
	switch {
	case updated < want:
		return false, fmt.Sprintf("%d/%d updated", updated, want), nil
	case available < want:
		return false, fmt.Sprintf("%d/%d available", available, want), nil
	}
	return true, "", nil
}

func jobReady(object *unstructured.Unstructured) (bool, string, error) {
	if status, reason := conditionOf(object, "Failed"); status == "True" {
		return false, "", fmt.Errorf("it has failed: %s", reason)
	}
	return condition("Complete")(object)
}

func condition(name string) judgement {
	return func(object *unstructured.Unstructured) (bool, string, error) {
		status, reason := conditionOf(object, name)
		switch {
		case status == "True":
			return true, "", nil
		case reason != "":
			return false, fmt.Sprintf("not %s: %s", name, reason), nil
		}
		return false, "not " + name, nil
	}
}

func phase(want string) judgement {
	return func(object *unstructured.Unstructured) (bool, string, error) {
		is, _, _ := unstructured.NestedString(object.Object, "status", "phase")
		return is == want, fmt.Sprintf("phase %q", is), nil
	}
}

// conditionOf returns a condition's status and what it says, "" for none.
func conditionOf(object *unstructured.Unstructured, name string) (status, reason string) {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range conditions {
		fields, _ := item.(map[string]any)
		if fields["type"] != name {
			continue
		}
		status, _ = fields["status"].(string)
		if reason, _ = fields["message"].(string); reason == "" {
			reason, _ = fields["reason"].(string)
		}
	}
	return status, reason
}

// desired is how many replicas are wanted: one where it is not set.
func desired(object *unstructured.Unstructured) int64 {
	want, set, _ := unstructured.NestedInt64(object.Object, "spec", "replicas")
	if !set {
		return 1
	}
	return want
}

// amount is a number in the object's status.
func amount(object *unstructured.Unstructured, name string) int64 {
	n, _, _ := unstructured.NestedInt64(object.Object, "status", name)
	return n
}
