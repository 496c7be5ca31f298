// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"cmp"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// ofKind says what done means for a kind; nil if there is nothing to roll out.
func ofKind(kind string) func(*unstructured.Unstructured) Status {
	switch kind {
	case "Deployment":
		return typed(Deployment)
	case "StatefulSet":
		return typed(StatefulSet)
	case "DaemonSet":
		return typed(DaemonSet)
	case "Job":
		return typed(Job)
	case "Pod":
		return typed(Pod)
	case "PersistentVolumeClaim":
		return typed(Claim)
	case "Namespace":
		return typed(Namespace)
	case "CustomResourceDefinition":
		return condition("Established")
	case "APIService":
		return condition("Available")
	}
	return nil
}

// Of is the status of an object of any kind; a nil object is absent. Kinds that
// have nothing to roll out are done as soon as they exist.
func Of(object *unstructured.Unstructured) Status {
	if object == nil {
		return Status{State: InProgress, Reason: Absent}
	}
	if of := ofKind(object.GetKind()); of != nil {
		return of(object)
	}
	return Status{State: Done}
}

// Holds reports whether a manifest itself asks for a rollout that is held: then
// nobody has to resume it.
func Holds(manifest *unstructured.Unstructured) bool { return Of(manifest).State == Held }

func typed[T any](of func(T) Status) func(*unstructured.Unstructured) Status {
	return func(object *unstructured.Unstructured) Status {
		var decoded T
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &decoded); err != nil {
			return Status{State: InProgress, Reason: Unmet, Message: "it does not match its kind: " + err.Error()}
		}
		return of(decoded)
	}
}

// Pod is done when it is ready, or has succeeded.
func Pod(p core.Pod) Status {
	switch p.Status.Phase {
	case core.PodSucceeded:
		return Status{State: Done}
	case core.PodFailed:
		return Status{State: Failed, Reason: Unsuccessful, Message: cmp.Or(p.Status.Message, p.Status.Reason, "its containers ended with an error")}
	case core.PodPending, core.PodRunning, core.PodUnknown:
	}
	for _, condition := range p.Status.Conditions {
		if condition.Type == core.PodReady {
			return met("Ready", string(condition.Status), cmp.Or(condition.Message, condition.Reason))
		}
	}
	return met("Ready", "", "")
}

// Claim is done as soon as it exists: its storage class may wait for the first
// pod that uses it (WaitForFirstConsumer), which is then waited for itself. One
// whose volume is gone is never bound again.
func Claim(c core.PersistentVolumeClaim) Status {
	if c.Status.Phase == core.ClaimLost {
		return Status{State: Failed, Reason: Lost}
	}
	return Status{State: Done}
}

// Namespace is done while it is active.
func Namespace(n core.Namespace) Status {
	if n.Status.Phase == core.NamespaceActive {
		return Status{State: Done}
	}
	return Status{State: InProgress, Reason: Unmet, Message: fmt.Sprintf("phase %q", n.Status.Phase)}
}

// condition is for kinds that report in one condition that they work.
func condition(name string) func(*unstructured.Unstructured) Status {
	return func(object *unstructured.Unstructured) Status {
		conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
		for _, item := range conditions {
			fields, _ := item.(map[string]any)
			if fields["type"] == name {
				status, _ := fields["status"].(string)
				message, _ := fields["message"].(string)
				reason, _ := fields["reason"].(string)
				return met(name, status, cmp.Or(message, reason))
			}
		}
		return met(name, "", "")
	}
}

func met(condition, status, message string) Status {
	switch {
	case status == string(core.ConditionTrue):
		return Status{State: Done}
	case message != "":
		return Status{State: InProgress, Reason: Unmet, Message: "not " + condition + ": " + message}
	}
	return Status{State: InProgress, Reason: Unmet, Message: "not " + condition}
}
