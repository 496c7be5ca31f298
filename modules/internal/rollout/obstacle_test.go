// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// apiServer is an API server with these pods and events; create is its answer to a dry
// run of a pod, which is 201 if it is nil.
type apiServer struct {
	pods   []core.Pod
	events []core.Event
	create *meta.Status
	// blind means that events and nodes may not be read.
	blind  bool
	nodes  []core.Node
	claim  *core.PersistentVolumeClaim
	volume *core.PersistentVolume
}

func (a apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost:
		if a.create != nil {
			write(w, int(a.create.Code), a.create)
			return
		}
		write(w, http.StatusCreated, core.Pod{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Pod"}})
	case strings.HasSuffix(r.URL.Path, "/pods"):
		write(w, http.StatusOK, core.PodList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Items: a.pods})
	case a.blind:
		write(w, http.StatusForbidden, refusal(`events is forbidden: User "pi" cannot list resource "events"`))
	case strings.HasSuffix(r.URL.Path, "/nodes"):
		write(w, http.StatusOK, core.NodeList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "NodeList"}, Items: a.nodes})
	case strings.Contains(r.URL.Path, "/persistentvolumeclaims/") && a.claim != nil:
		write(w, http.StatusOK, a.claim)
	case strings.Contains(r.URL.Path, "/persistentvolumes/") && a.volume != nil:
		write(w, http.StatusOK, a.volume)
	default:
		write(w, http.StatusOK, core.EventList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "EventList"}, Items: a.events})
	}
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refusal(text string) *meta.Status {
	return &meta.Status{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: meta.StatusFailure, Code: http.StatusForbidden,
		Reason: meta.StatusReasonForbidden, Message: text}
}

func (a apiServer) rollout(t *testing.T) *Watcher {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	clients, err := kube.NewClients(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return In(clients).Watch()
}

func event(reason, text string, second, count int) core.Event {
	at := meta.NewTime(time.Date(2026, 11, 26, 12, 0, second, 0, time.UTC))
	return core.Event{ObjectMeta: meta.ObjectMeta{UID: "e"}, Reason: reason, Message: text, LastTimestamp: at, Count: int32(count)}
}

func pending(text string, claims ...string) core.Pod {
	pod := core.Pod{ObjectMeta: meta.ObjectMeta{Name: "tempo-0"}, Status: core.PodStatus{Phase: core.PodPending,
		Conditions: []core.PodCondition{{Type: core.PodScheduled, Status: core.ConditionFalse, Reason: core.PodReasonUnschedulable, Message: text}}}}
	for _, claim := range claims {
		pod.Spec.Volumes = append(pod.Spec.Volumes, core.Volume{VolumeSource: core.VolumeSource{
			PersistentVolumeClaim: &core.PersistentVolumeClaimVolumeSource{ClaimName: claim}}})
	}
	return pod
}

// unplaced is a pod about which its scheduler has said nothing.
func unplaced(scheduler string, claims ...string) core.Pod {
	pod := pending("", claims...)
	pod.Spec.SchedulerName, pod.Status.Conditions = scheduler, nil
	return pod
}

func gated() core.Pod {
	pod := pending("Scheduling is blocked due to non-empty scheduling gates")
	pod.Status.Conditions[0].Reason = core.PodReasonSchedulingGated
	return pod
}

// starting is a pod on a node whose container is waiting.
func starting(reason, text string) core.Pod {
	pod := unplaced("")
	pod.Status.ContainerStatuses = []core.ContainerStatus{{Name: "tempo", State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: text}}}}
	return pod
}

const (
	provisioner = "Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator."
	noImage     = `Back-off pulling image "grafana/tempo:9": ErrImagePull: failed to pull and unpack image "docker.io/grafana/tempo:9": docker.io/grafana/tempo:9: not found`
)

const (
	full      = "0/1 nodes are available: 1 Insufficient memory."
	elsewhere = "0/1 nodes are available: 1 node(s) had volume node affinity conflict."
)

// large is a pod without a node that asks for much memory.
func large() core.Pod {
	pod := pending(full)
	pod.Spec.Containers = []core.Container{{Resources: core.ResourceRequirements{Requests: core.ResourceList{"memory": resource.MustParse("8Gi")}}}}
	return pod
}

var pi1 = core.Node{ObjectMeta: meta.ObjectMeta{Name: "pi1", Labels: map[string]string{core.LabelHostname: "pi1"}},
	Status: core.NodeStatus{Allocatable: core.ResourceList{"memory": resource.MustParse("4Gi")}}}

var claimed = &core.PersistentVolumeClaim{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, ObjectMeta: meta.ObjectMeta{Name: "data"},
	Spec: core.PersistentVolumeClaimSpec{VolumeName: "pvc-1"}}

// local is a volume of k3s' local-path-provisioner: it is on one node.
func local(host string) *core.PersistentVolume {
	term := core.NodeSelectorTerm{MatchExpressions: []core.NodeSelectorRequirement{{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{host}}}}
	return &core.PersistentVolume{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "PersistentVolume"}, ObjectMeta: meta.ObjectMeta{Name: "pvc-1"},
		Spec: core.PersistentVolumeSpec{NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{term}}}}}
}

func deployment(failure string) Workload {
	made := apps.Deployment{ObjectMeta: meta.ObjectMeta{Name: "compactor"}}
	if failure != "" {
		made.Status.Conditions = []apps.DeploymentCondition{{Type: apps.DeploymentReplicaFailure, Status: core.ConditionTrue, Message: failure}}
	}
	return FromDeployment(made)
}

var set = FromStatefulSet(apps.StatefulSet{ObjectMeta: meta.ObjectMeta{Name: "tempo"}})

const (
	security = `pods "tempo-0" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`
	quota    = `pods "tempo-0" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2`
)

func TestObstacles(t *testing.T) {
	ending := core.Pod{ObjectMeta: meta.ObjectMeta{DeletionTimestamp: &meta.Time{Time: time.Now()}}}
	claim := "pod has unbound immediate PersistentVolumeClaims"
	cases := map[string]struct {
		reason   string
		api      apiServer
		workload Workload
		// text is what a first look reports; end is the error once it has lasted, ""
		// for none, and hint is part of its hint.
		text, end, hint string
	}{
		"a Deployment's condition": {"the API server still refuses the pod", apiServer{create: refusal(security)}, deployment(security),
			"deployment/compactor: " + security, "deployment/compactor: " + security, "label the namespace"},
		"what the user has set right": {"the controller has not retried yet", apiServer{}, deployment(security), "deployment/compactor: " + security, "", ""},
		"no right to make pods":       {"the condition lasts as long as the cause", apiServer{create: refusal(`pods is forbidden: User "pi" cannot create resource "pods"`)}, deployment(quota), "deployment/compactor: " + quota, "deployment/compactor: " + quota, "raise the namespace's ResourceQuota"},
		"no condition":                {"the pods are being created", apiServer{}, deployment(""), "deployment/compactor (0 of 1 pods are new)", "", ""},
		"an event":                    {"other kinds have no such condition", apiServer{create: refusal(security), events: []core.Event{event("FailedCreate", security, 5, 3)}}, set, "statefulset/tempo: " + security, "statefulset/tempo: " + security, "label the namespace"},
		"an event of before":          {"it has continued since", apiServer{events: []core.Event{event("FailedCreate", security, 5, 3), event("SuccessfulCreate", "", 6, 1)}}, set, "statefulset/tempo (0 of 1 pods are ready)", "", ""},
		"no right to read events":     {"the cause is unknown", apiServer{blind: true}, set, "statefulset/tempo (0 of 1 pods are ready)", "", ""},
		"no event yet":                {"a busy controller reports late, so the API server is asked", apiServer{create: refusal(quota)}, set, "statefulset/tempo (0 of 1 pods are ready)", "statefulset/tempo: " + quota, "raise the namespace's ResourceQuota"},
		"no condition yet":            {"the same", apiServer{create: refusal(security)}, deployment(""), "deployment/compactor (0 of 1 pods are new)", "deployment/compactor: " + security, "label the namespace"},
		"a quota":                     {"no quota becomes free", apiServer{create: refusal(quota)}, deployment(quota), "deployment/compactor: " + quota, "deployment/compactor: " + quota, "raise the namespace's ResourceQuota"},
		"a quota that comes free":     {"a pod of the previous revision is still terminating", apiServer{create: refusal(quota), pods: []core.Pod{ending}}, deployment(quota), "deployment/compactor: " + quota, "", ""},
		"no ServiceAccount": {"admission needs it", apiServer{create: refusal(`pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found`)},
			deployment(`pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found`),
			`deployment/compactor: pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found`,
			`deployment/compactor: pods "x" is forbidden: error looking up service account a/b: serviceaccount "b" not found`, "create the ServiceAccount"},
		"a webhook's refusal": {"a policy", apiServer{create: refusal(`admission webhook "validate.kyverno.svc" denied the request: no tags`)}, deployment(`admission webhook "validate.kyverno.svc" denied the request: no tags`),
			`deployment/compactor: admission webhook "validate.kyverno.svc" denied the request: no tags`, `deployment/compactor: admission webhook "validate.kyverno.svc" denied the request: no tags`, "the webhook's policy"},
		"no storage class": {"the claim's event has the cause", apiServer{pods: []core.Pod{pending(claim, "data-tempo-0")},
			events: []core.Event{event("ProvisioningFailed", `storageclass.storage.k8s.io "fast" not found`, 5, 2)}}, set,
			`pod tempo-0, volume claim data-tempo-0: storageclass.storage.k8s.io "fast" not found`, `pod tempo-0, volume claim data-tempo-0: storageclass.storage.k8s.io "fast" not found`, "name a storage class"},
		"no default class": {"the claim names none", apiServer{pods: []core.Pod{pending(claim, "data-tempo-0")},
			events: []core.Event{event("FailedBinding", "no persistent volumes available for this claim and no storage class is set", 5, 2)}}, set,
			"pod tempo-0, volume claim data-tempo-0: no persistent volumes available for this claim and no storage class is set",
			"pod tempo-0, volume claim data-tempo-0: no persistent volumes available for this claim and no storage class is set", "name a storage class, or make one"},
		"no provisioner": {"the volume may never be provisioned", apiServer{pods: []core.Pod{pending(claim, "data-tempo-0")}, events: []core.Event{event("ExternalProvisioning", provisioner, 5, 9)}}, set,
			"pod tempo-0, volume claim data-tempo-0: " + provisioner, "", ""},
		"no provisioner, first consumer": {"the scheduler reports nothing before there is a volume", apiServer{pods: []core.Pod{unplaced("", "data-tempo-0")}, events: []core.Event{event("ExternalProvisioning", provisioner, 5, 9)}}, set,
			"pod tempo-0, volume claim data-tempo-0: " + provisioner, "", ""},
		"another scheduler": {"it may not be running", apiServer{pods: []core.Pod{unplaced("mine")}}, set, "pod tempo-0: the scheduler mine, which it asks for, has not placed it", "", ""},
		"not placed yet":    {"it was created a moment ago", apiServer{pods: []core.Pod{unplaced("default-scheduler")}}, set, "tempo-0 (Pending)", "", ""},
		"a gate":            {"something removes the gate", apiServer{pods: []core.Pod{gated()}}, set, "pod tempo-0: SchedulingGated: Scheduling is blocked due to non-empty scheduling gates", "", ""},
		"no network":        {"the node has no plug-in", apiServer{pods: []core.Pod{starting("ContainerCreating", "")}, events: []core.Event{event("FailedCreatePodSandBox", "no CNI plug-in", 5, 9)}}, set, "pod tempo-0: no CNI plug-in", "", ""},
		"no config map": {"the node waits for it", apiServer{pods: []core.Pod{starting("ContainerCreating", "")}, events: []core.Event{event("FailedMount", `configmap "x" not found`, 5, 9)}}, set, `pod tempo-0: configmap "x" not found`,
			`pod tempo-0: configmap "x" not found`, "create what is missing"},
		"no such image": {"the registry reports it", apiServer{pods: []core.Pod{starting("ImagePullBackOff", noImage)}}, set, "pod tempo-0: ImagePullBackOff: " + noImage, "pod tempo-0: ImagePullBackOff: " + noImage, "correct the image's name or tag"},
		"no registry":   {"the registry may answer later", apiServer{pods: []core.Pod{starting("ErrImagePull", "failed to pull image: dial tcp: i/o timeout")}}, set, "pod tempo-0: ErrImagePull: failed to pull image: dial tcp: i/o timeout", "", ""},
		"a LimitRange": {"it requests more than the limit", apiServer{create: refusal(`pods "x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi`)}, deployment(`pods "x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi`),
			`deployment/compactor: pods "x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi`, `deployment/compactor: pods "x" is forbidden: maximum memory usage per Container is 64Mi, but limit is 1Gi`, "LimitRange"},
		"no room": {"a node may become free", apiServer{pods: []core.Pod{pending(full)}, nodes: []core.Node{pi1}}, set, "pod tempo-0: " + full, "", ""},
		"too large": {"no node is large enough", apiServer{pods: []core.Pod{large()}, nodes: []core.Node{pi1}}, set, "pod tempo-0: " + full,
			"pod tempo-0: 0/1 nodes are available: 1 Insufficient memory: it asks for memory 8Gi, which is more than a node that it may run on has in all", "ask for less"},
		"an autoscaler":          {"it can add a node", apiServer{pods: []core.Pod{large()}, nodes: []core.Node{pi1}, events: []core.Event{event("TriggeredScaleUp", "", 5, 1)}}, set, "pod tempo-0: " + full, "", ""},
		"no right to list nodes": {"the cause is unknown", apiServer{pods: []core.Pod{large()}, blind: true}, set, "pod tempo-0: " + full, "", ""},
		"a lost node": {"its volume is there", apiServer{pods: []core.Pod{pending(elsewhere, "data")}, nodes: []core.Node{pi1}, claim: claimed, volume: local("pi3")}, set, "pod tempo-0: " + elsewhere,
			"pod tempo-0: 0/1 nodes are available: 1 node(s) had volume node affinity conflict: its volume pvc-1, of claim data, is on no node that it may run on", "bring back the node"},
		"a full node": {"its volume is there, and space may become free", apiServer{pods: []core.Pod{pending(full, "data")}, nodes: []core.Node{pi1}, claim: claimed, volume: local("pi1")}, set, "pod tempo-0: " + full, "", ""},
		"no claim":    {"nothing creates it", apiServer{pods: []core.Pod{pending(`0/5 nodes are available: persistentvolumeclaim "x" not found.`)}}, set, `pod tempo-0: 0/5 nodes are available: persistentvolumeclaim "x" not found.`, `pod tempo-0: 0/5 nodes are available: persistentvolumeclaim "x" not found.`, "create what is missing"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			looking := test.api.rollout(t)
			_, state, err := looking.Look(t.Context(), "tracing", []Workload{test.workload})
			require.NoError(t, err, test.reason)
			require.Equal(t, "0/1 ready: waiting for "+test.text, state)
			for what := range looking.seen {
				looking.seen[what] = observation{time.Now().Add(-time.Minute), "another count"}
			}
			_, _, err = looking.Look(t.Context(), "tracing", []Workload{test.workload})
			if test.end == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.end, test.reason)
			require.Equal(t, fault.Rejected, fault.KindOf(err))
			require.Contains(t, fault.HintOf(err), test.hint)
		})
	}
}

// An event that Kubernetes does not repeat may have a cause that is gone.
func TestObstacleThatIsNotRepeatedDoesNotEndTheWait(t *testing.T) {
	looking := apiServer{create: refusal(`pods is forbidden: User "pi" cannot create resource "pods"`), events: []core.Event{event("FailedCreate", security, 5, 3)}}.rollout(t)
	for range 2 {
		text, err := looking.Obstacle(t.Context(), "tracing", set)
		require.NoError(t, err)
		require.Equal(t, "statefulset/tempo: "+security, text)
		seen := looking.seen["statefulset/tempo"]
		looking.seen["statefulset/tempo"] = observation{seen.at.Add(-time.Minute), seen.mark}
	}
}

func TestAutoscalerHasTimeToAddANode(t *testing.T) {
	looking := apiServer{pods: []core.Pod{large()}, nodes: []core.Node{pi1}}.rollout(t)
	for _, age := range []time.Duration{0, 25 * time.Second} {
		looking.seen["pod tempo-0"] = observation{time.Now().Add(-age), ""}
		text, err := looking.Obstacle(t.Context(), "tracing", set)
		require.NoError(t, err)
		require.Equal(t, "pod tempo-0: "+full, text)
	}
	looking.seen["pod tempo-0"] = observation{time.Now().Add(-31 * time.Second), ""}
	_, err := looking.Obstacle(t.Context(), "tracing", set)
	require.ErrorContains(t, err, "it asks for memory 8Gi")
}
