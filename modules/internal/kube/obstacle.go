// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// obstacle is what keeps a pod from being made or started. It is none without
// text.
type obstacle struct {
	// what is hindered, and the text of Kubernetes about it.
	what, text string
	// mark changes when Kubernetes says it again.
	mark string
	// again asks the API server; nil where only a new mark tells that it lasts.
	again func(context.Context) (refused, known bool, err error)
	// standing is true for what is taken back as soon as it is over, so that it
	// counts where the API server cannot be asked.
	standing bool
}

// Some obstacles go away by themselves in seconds: a ServiceAccount that was made
// a moment ago, pods of the release before that still count for a quota. A webhook
// may be just starting.
const (
	soon  = 5 * time.Second
	later = 30 * time.Second
)

// ends reports whether the obstacle is one that ends a wait when it lasts.
func (o obstacle) ends() bool { return o.text != "" && (o.mark != "" || o.again != nil) }

func (o obstacle) grace() time.Duration {
	if strings.Contains(o.text, "failed calling webhook") {
		return later
	}
	return soon
}

// lasts reports whether the obstacle is still there; renewed is whether Kubernetes
// has said it once more since.
func (o obstacle) lasts(ctx context.Context, renewed bool) (bool, error) {
	if o.again == nil {
		return renewed, nil
	}
	refused, known, err := o.again(ctx)
	if known || err != nil {
		return refused, err
	}
	return renewed || o.standing, nil
}

// remedies are next moves by words of Kubernetes' texts.
var remedies = []struct{ word, hint string }{
	{"violates PodSecurity", "label the namespace with pod-security.kubernetes.io/enforce=privileged or baseline, as the text asks, or set the pods' securityContext in values"},
	{"exceeded quota", "raise the namespace's ResourceQuota, or ask for less in resources and replicas"},
	{"must specify", "give the containers the resources that the ResourceQuota asks for"},
	{"LimitRange", "ask for what the namespace's LimitRange allows"},
	{"serviceaccount", "make the ServiceAccount, or let the chart make it"},
	{"failed calling webhook", "look at the pods behind that webhook, or take its webhook configuration away"},
	{"admission webhook", "the webhook's policy refuses these pods: change it, or what it complains of"},
	{"storageclass", "name a storage class that kubectl get storageclass shows"},
	{"no storage class is set", "name a storage class, or make one the cluster's default"},
	{"not found", "make what is not found, or correct its name"},
}

func (o obstacle) hint() string {
	for _, remedy := range remedies {
		if strings.Contains(o.text, remedy.word) {
			return remedy.hint
		}
	}
	return "correct what Kubernetes refuses and run again"
}

// unmade says why a workload has fewer pods than it wants: the condition of a
// Deployment tells it, and of the other kinds an event.
func (c Clients) unmade(ctx context.Context, namespace string, w Workload) (obstacle, error) {
	again := func(ctx context.Context) (bool, bool, error) { return c.refuses(ctx, namespace, w) }
	if w.Kind == "Deployment" {
		return obstacle{what: w.Path(), text: w.refusal, again: again, standing: true}, nil
	}
	event, err := c.lastEvent(ctx, namespace, fields.Set{"involvedObject.uid": string(w.uid)}, "FailedCreate", "SuccessfulCreate")
	if err != nil || event.Reason != "FailedCreate" {
		return obstacle{}, err
	}
	found := obstacle{what: w.Path(), text: event.Message, mark: markOf(event), again: again}
	if strings.HasPrefix(event.Message, "create Claim") { // kubernetes pkg/controller/statefulset/stateful_pod_control.go
		found.again = nil
	}
	return found, nil
}

// refuses puts one of the workload's pods to the API server as a dry run. It is
// not known where this user may not make pods, or a webhook takes no dry run.
func (c Clients) refuses(ctx context.Context, namespace string, w Workload) (refused, known bool, err error) {
	pod := &core.Pod{ObjectMeta: meta.ObjectMeta{GenerateName: "picluster-tracing-", Namespace: namespace, Labels: w.Template.Labels,
		Annotations: w.Template.Annotations}, Spec: *w.Template.Spec.DeepCopy()}
	pod.Spec.Volumes = append(pod.Spec.Volumes, w.volumes...)
	_, err = c.Core.Pods(namespace).Create(ctx, pod, meta.CreateOptions{DryRun: []string{meta.DryRunAll}, FieldManager: Manager})
	switch {
	case err == nil:
		return false, true, nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot create resource"):
		return false, false, nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		ending, err := c.ending(ctx, namespace)
		return !ending, true, err
	case apierrors.IsForbidden(err) || strings.Contains(err.Error(), "failed calling webhook"):
		return true, true, nil
	}
	return false, false, nil // the event or condition decides
}

// ending reports whether a pod in the namespace still ends: its share of a quota
// comes free then.
func (c Clients) ending(ctx context.Context, namespace string) (bool, error) {
	list, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{})
	if err != nil {
		return false, Fault("list pods in "+namespace, err)
	}
	return slices.ContainsFunc(list.Items, func(pod core.Pod) bool { return !running(pod) }), nil
}

// unstarted says why a pod that was made finds no node or does not start: what
// is said of its volumes, and a claim or a node that it waits for.
func (c Clients) unstarted(ctx context.Context, pod core.Pod, trouble Trouble) (obstacle, error) {
	switch trouble.Reason {
	case core.PodReasonUnschedulable:
		return c.unscheduled(ctx, pod, trouble)
	case "ContainerCreating":
		event, err := c.lastEvent(ctx, pod.Namespace, fields.Set{"involvedObject.uid": string(pod.UID)}, "FailedMount")
		if err != nil || !strings.HasSuffix(event.Message, "not found") {
			return obstacle{}, err
		}
		return obstacle{what: "pod " + pod.Name, text: event.Message, mark: markOf(event)}, nil
	}
	return obstacle{}, nil
}

// unscheduled looks at the claims of a pod. Where they are well the scheduler's own
// words are told: a node may come free, so that they do not end the wait.
func (c Clients) unscheduled(ctx context.Context, pod core.Pod, trouble Trouble) (obstacle, error) {
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim == nil {
			continue
		}
		name := volume.PersistentVolumeClaim.ClaimName
		of := fields.Set{"involvedObject.kind": "PersistentVolumeClaim", "involvedObject.name": name}
		event, err := c.lastEvent(ctx, pod.Namespace, of, "ProvisioningFailed", "FailedBinding", "ProvisioningSucceeded")
		if err != nil {
			return obstacle{}, err
		}
		if event.Reason == "ProvisioningFailed" || event.Reason == "FailedBinding" {
			return obstacle{what: fmt.Sprintf("pod %s, volume claim %s", pod.Name, name), text: event.Message, mark: markOf(event)}, nil
		}
	}
	found := obstacle{what: "pod " + pod.Name, text: trouble.Message}
	if strings.Contains(trouble.Message, "persistentvolumeclaim") && strings.Contains(trouble.Message, "not found") {
		found.again = func(context.Context) (bool, bool, error) { return true, true, nil }
	}
	return found, nil
}

// lastEvent is the newest event about an object with one of the reasons; the first
// reason wins over others of the same second. It is empty where there is none, and
// where this user may not read events.
func (c Clients) lastEvent(ctx context.Context, namespace string, of fields.Set, reasons ...string) (core.Event, error) {
	list, err := c.Core.Events(namespace).List(ctx, meta.ListOptions{FieldSelector: of.String()})
	if apierrors.IsForbidden(err) {
		return core.Event{}, nil
	}
	if err != nil {
		return core.Event{}, Fault("list events in "+namespace, err)
	}
	events := slices.DeleteFunc(list.Items, func(event core.Event) bool { return !slices.Contains(reasons, event.Reason) })
	if len(events) == 0 {
		return core.Event{}, nil
	}
	return slices.MaxFunc(events, func(a, b core.Event) int {
		return cmp.Or(whenOf(a).Compare(whenOf(b)), cmp.Compare(slices.Index(reasons, b.Reason), slices.Index(reasons, a.Reason)))
	}), nil
}

func whenOf(event core.Event) time.Time {
	if event.Series != nil {
		return event.Series.LastObservedTime.Time
	}
	if !event.LastTimestamp.IsZero() {
		return event.LastTimestamp.Time
	}
	return event.EventTime.Time
}

func markOf(event core.Event) string {
	return fmt.Sprint(event.UID, event.Count, whenOf(event).UnixNano())
}
