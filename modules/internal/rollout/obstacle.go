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

// obstacle is what keeps a pod from being created or started.
type obstacle struct {
	// what is blocked, "" for nothing, and Kubernetes' text about it, "" if
	// there is none yet.
	what, text string
	// mark changes when Kubernetes says it again.
	mark string
	// again asks the API server, whose refusal is "" if it has none; nil if only a new
	// mark shows that the obstacle lasts.
	again func(context.Context) (refusal string, known bool, err error)
	// standing is true for what is withdrawn as soon as it is over, so that it
	// counts if the API server cannot be asked.
	standing bool
	// slow is true for what others may still be about to solve.
	slow bool
}

// Some obstacles go away by themselves in seconds: a ServiceAccount that was
// created a moment ago, pods of the previous release that still count for a quota.
// A webhook may just be starting, and an autoscaler looks every ten seconds.
const (
	soon  = 5 * time.Second
	later = 30 * time.Second
)

// ends reports whether the obstacle ends a wait if it lasts.
func (o obstacle) ends() bool { return o.what != "" && (o.mark != "" || o.again != nil) }

// String is "" if Kubernetes has said nothing about it.
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

// lasts returns the obstacle with a text, and whether it is still there; renewed
// says that Kubernetes has repeated it since.
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

// hints are what to do next, by words in Kubernetes' texts.
var hints = []struct{ word, hint string }{
	{"no node has the labels", "correct the pods' node selector or affinity, or label a node: kubectl get nodes --show-labels"},
	{"it does not tolerate", "give the pods that toleration, or remove the taint from a node"},
	{"it asks for", "ask for less in the pods' resources"},
	{"its volume", "bring back the node of that volume; where its data may be lost, delete the volume claim and then the pod"},
	{"no match for platform", "name an image that is built for the nodes' architecture"},
	{"pulling image", "correct the image's name or tag, or give the nodes a login for its registry"},
	{"pull image", "correct the image's name or tag, or give the nodes a login for its registry"},
	{"violates PodSecurity", "label the namespace with pod-security.kubernetes.io/enforce=privileged or baseline, as the text asks, or set the pods' securityContext in values"},
	{"exceeded quota", "raise the namespace's ResourceQuota, or ask for less in resources and replicas"},
	{"must specify", "give the containers the resources that the ResourceQuota asks for"},
	{"LimitRange", "ask for what the namespace's LimitRange allows"},
	{"usage per ", "ask for what the namespace's LimitRange allows"},
	{"no PriorityClass", "create that PriorityClass, or correct priorityClassName"},
	{"ValidatingAdmissionPolicy", "the cluster's policy refuses these pods: change it, or what it complains about"},
	{"serviceaccount", "create the ServiceAccount, or let the chart create it"},
	{"failed calling webhook", "look at the pods behind that webhook, or delete its webhook configuration"},
	{"admission webhook", "the webhook's policy refuses these pods: change it, or what it complains about"},
	{"storageclass", "name a storage class that kubectl get storageclass shows"},
	{"no storage class is set", "name a storage class, or make one the cluster's default"},
	{"not found", "create what is missing, or correct its name"},
}

func (o obstacle) hint() string {
	for _, row := range hints {
		if strings.Contains(o.text, row.word) {
			return row.hint
		}
	}
	return "correct what Kubernetes refuses and run again"
}

// notCreated says why a workload has only that many pods: a Deployment has a condition
// for it, the other kinds an event. If neither has come yet, as with a busy
// controller, the API server can still be asked.
func (c Cluster) notCreated(ctx context.Context, namespace string, w Workload, pods int) (obstacle, error) {
	found := obstacle{what: w.Path(), text: w.refusal, standing: true,
		again: func(ctx context.Context) (string, bool, error) { return c.dryRunRefusal(ctx, namespace, w) }}
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

// dryRunRefusal creates one of the workload's pods as a dry run, and returns why the
// API server refuses it. That is not known if this user may not create pods, or
// if a webhook is down or accepts no dry run.
func (c Cluster) dryRunRefusal(ctx context.Context, namespace string, w Workload) (refusal string, known bool, err error) {
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
		ending, listErr := c.anyTerminating(ctx, namespace)
		if ending || listErr != nil {
			return "", true, listErr
		}
		return err.Error(), true, nil
	case apierrors.IsForbidden(err):
		return err.Error(), true, nil
	}
	return "", false, nil // the event or condition decides
}

// anyTerminating reports whether a pod in the namespace is terminating: its share of a
// quota then becomes free.
func (c Cluster) anyTerminating(ctx context.Context, namespace string) (bool, error) {
	list, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{})
	if err != nil {
		return false, kube.Fault("list pods in "+namespace, err)
	}
	return slices.ContainsFunc(list.Items, func(pod core.Pod) bool { return !running(pod) }), nil
}

// lastEvent is the newest event about an object with one of the reasons; the first
// reason wins over others of the same second. It is empty if there is none, or if
// this user may not read events.
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
