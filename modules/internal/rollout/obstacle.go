// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

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

	"github.com/picluster/tracing/modules/internal/kube"
)

// obstacle is what keeps a pod from being made or started.
type obstacle struct {
	// what is blocked, "" for nothing, and the text of Kubernetes about it, ""
	// where it has said nothing yet.
	what, text string
	// mark changes when Kubernetes says it again.
	mark string
	// again asks the API server, whose refusal is "" where it has none; nil where only
	// a new mark tells that the obstacle lasts.
	again func(context.Context) (refusal string, known bool, err error)
	// standing is true for what is taken back as soon as it is over, so that it
	// counts where the API server cannot be asked.
	standing bool
	// slow is true for what others may still be about to solve.
	slow bool
}

// Some obstacles go away by themselves in seconds: a ServiceAccount that was made
// a moment ago, pods of the release before that still count for a quota. A webhook
// may be just starting, and an autoscaler looks every ten seconds.
const (
	soon  = 5 * time.Second
	later = 30 * time.Second
)

// ends reports whether the obstacle is one that ends a wait when it lasts.
func (o obstacle) ends() bool { return o.what != "" && (o.mark != "" || o.again != nil) }

// String is "" for what Kubernetes has said nothing about.
func (o obstacle) String() string {
	if o.text == "" {
		return ""
	}
	return o.what + ": " + o.text
}

func (o obstacle) grace() time.Duration {
	if o.slow || strings.Contains(o.text, "failed calling webhook") {
		return later
	}
	return soon
}

// lasts is the obstacle where it is still there, with a text; renewed is whether
// Kubernetes has said it once more since.
func (o obstacle) lasts(ctx context.Context, renewed bool) (obstacle, bool, error) {
	if o.again == nil {
		return o, renewed, nil
	}
	refusal, known, err := o.again(ctx)
	if known || err != nil {
		o.text = cmp.Or(refusal, o.text)
		return o, refusal != "", err
	}
	return o, o.text != "" && (renewed && o.mark != "" || o.standing), nil
}

// hints are next moves by words of Kubernetes' texts.
var hints = []struct{ word, hint string }{
	{"no node has the labels", "correct the pods' node selector or affinity, or label a node: kubectl get nodes --show-labels"},
	{"it does not tolerate", "give the pods that toleration, or take the taint off a node"},
	{"it asks for", "ask for less in the pods' resources"},
	{"its volume", "bring back the node of that volume; where its data may be lost, delete the volume claim and then the pod"},
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
	for _, row := range hints {
		if strings.Contains(o.text, row.word) {
			return row.hint
		}
	}
	return "correct what Kubernetes refuses and run again"
}

// notCreated says why a workload that has so many pods has no more: the condition of a
// Deployment tells it, and of the other kinds an event. Where neither has come yet,
// as from a busy controller, the API server can still be asked.
func (c Cluster) notCreated(ctx context.Context, namespace string, w Workload, pods int) (obstacle, error) {
	found := obstacle{what: w.Path(), text: w.refusal, standing: true,
		again: func(ctx context.Context) (string, bool, error) { return c.refuses(ctx, namespace, w) }}
	if w.Kind != "Deployment" {
		event, err := c.lastEvent(ctx, namespace, fields.Set{"involvedObject.uid": string(w.uid)}, "FailedCreate", "SuccessfulCreate")
		if err != nil {
			return obstacle{}, err
		}
		if event.Reason == "FailedCreate" {
			found.text, found.mark, found.standing = event.Message, markOf(event), false
		}
	}
	switch {
	case found.text == "" && pods >= int(w.Wanted):
		return obstacle{}, nil
	case strings.HasPrefix(found.text, "create Claim"): // kubernetes pkg/controller/statefulset/stateful_pod_control.go
		found.again = nil
	}
	return found, nil
}

// refuses puts one of the workload's pods to the API server as a dry run, and
// returns what it has against it. That is not known where this user may not make
// pods, or a webhook is down or accepts no dry run.
func (c Cluster) refuses(ctx context.Context, namespace string, w Workload) (refusal string, known bool, err error) {
	pod := &core.Pod{ObjectMeta: meta.ObjectMeta{GenerateName: w.Name + "-", Namespace: namespace, Labels: w.Template.Labels,
		Annotations: w.Template.Annotations}, Spec: *w.Template.Spec.DeepCopy()}
	pod.Spec.Volumes = append(pod.Spec.Volumes, w.volumes...)
	_, err = c.Core.Pods(namespace).Create(ctx, pod, meta.CreateOptions{DryRun: []string{meta.DryRunAll}, FieldManager: kube.Manager})
	switch {
	case err == nil:
		return "", true, nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot create resource"):
		return "", false, nil
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		ending, listErr := c.ending(ctx, namespace)
		if ending || listErr != nil {
			return "", true, listErr
		}
		return err.Error(), true, nil
	case apierrors.IsForbidden(err):
		return err.Error(), true, nil
	}
	return "", false, nil // the event or condition decides
}

// ending reports whether a pod in the namespace still ends: its share of a quota
// comes free then.
func (c Cluster) ending(ctx context.Context, namespace string) (bool, error) {
	list, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{})
	if err != nil {
		return false, kube.Fault("list pods in "+namespace, err)
	}
	return slices.ContainsFunc(list.Items, func(pod core.Pod) bool { return !running(pod) }), nil
}

// unstarted says why a pod that was made finds no node or does not start: what
// is said of its volumes, and a claim or a node that it waits for.
func (c Cluster) unstarted(ctx context.Context, pod core.Pod, problem PodProblem) (obstacle, error) {
	switch problem.Reason {
	case core.PodReasonUnschedulable:
		return c.unscheduled(ctx, pod, problem)
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
// words are told, and only what no node can ever take ends the wait.
func (c Cluster) unscheduled(ctx context.Context, pod core.Pod, problem PodProblem) (obstacle, error) {
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
	found := obstacle{what: "pod " + pod.Name, text: problem.Message, slow: true,
		again: func(ctx context.Context) (string, bool, error) { return c.misplaced(ctx, pod, problem.Message) }}
	if strings.Contains(problem.Message, "persistentvolumeclaim") && strings.Contains(problem.Message, "not found") {
		found.slow = false
		found.again = func(context.Context) (string, bool, error) { return problem.Message, true, nil }
	}
	return found, nil
}

// lastEvent is the newest event about an object with one of the reasons; the first
// reason wins over others of the same second. It is empty where there is none, and
// where this user may not read events.
func (c Cluster) lastEvent(ctx context.Context, namespace string, of fields.Set, reasons ...string) (core.Event, error) {
	list, err := c.Core.Events(namespace).List(ctx, meta.ListOptions{FieldSelector: of.String()})
	if apierrors.IsForbidden(err) {
		return core.Event{}, nil
	}
	if err != nil {
		return core.Event{}, kube.Fault("list events in "+namespace, err)
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
