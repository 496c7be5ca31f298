// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/testkit"
	"github.com/picluster/tracing/modules/internal/wire"
)

// What the rules below hold for: the objects of one test, not those of its neighbours.
const (
	here = `{matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}`

	bare = `{apiVersion: v1, kind: Namespace, metadata: {name: NAMESPACE}}`

	enforcing = `{apiVersion: v1, kind: Namespace, metadata: {name: NAMESPACE, labels: {pod-security.kubernetes.io/enforce: restricted}}}`

	deadWebhook = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAMESPACE}
webhooks:
- name: dead.example.com
  clientConfig: {service: {namespace: NAMESPACE, name: policy-server}}
  rules: [{apiGroups: ["", "apps"], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [services, statefulsets]}]
  sideEffects: None
  admissionReviewVersions: [v1]
  namespaceSelector: ` + here + `
`
	policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAMESPACE}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [statefulsets]}]}
  validations: [{expression: "object.spec.replicas == 7", message: "seven pods or none"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NAMESPACE}
spec: {policyName: NAMESPACE, validationActions: [Deny], matchResources: {namespaceSelector: ` + here + `}}
`
	quota = `
apiVersion: v1
kind: ResourceQuota
metadata: {name: no-services, namespace: NAMESPACE}
spec: {hard: {services: "0"}}
`
)

// lay applies objects for a release's namespace as an administrator; what is outside that
// namespace is removed with the test.
func (r release) lay(t *testing.T, text string) {
	t.Helper()
	objects, err := kube.NewObjects(r.Config, "")
	require.NoError(t, err)
	for _, part := range strings.Split(strings.ReplaceAll(text, "NAMESPACE", r.namespace), "\n---\n") {
		object := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal([]byte(part), &object.Object))
		made, err := objects.Apply(t.Context(), object, kube.Applying{Manager: "ring", Force: true})
		require.NoError(t, err)
		if made.GetNamespace() == "" && made.GetKind() != "Namespace" {
			t.Cleanup(func() { _ = objects.Delete(context.Background(), kube.RefOf(made)) })
		}
	}
}

// used writes what nobody counts here: there is no controller for quotas.
func (r release) used(t *testing.T) {
	t.Helper()
	quotas := r.clients.Core.ResourceQuotas(r.namespace)
	live, err := quotas.Get(t.Context(), "no-services", meta.GetOptions{})
	require.NoError(t, err)
	live.Status = core.ResourceQuotaStatus{Hard: live.Spec.Hard, Used: live.Spec.Hard}
	_, err = quotas.UpdateStatus(t.Context(), live, meta.UpdateOptions{})
	require.NoError(t, err)
}

// awaitRefused runs a check until the API server has noticed a new rule.
func awaitRefused(t *testing.T, task testkit.Task) wire.Result {
	t.Helper()
	var result wire.Result
	require.Eventually(t, func() bool {
		result = task.Check(t)
		return result.Failed()
	}, 2*time.Minute, 50*time.Millisecond)
	return result
}

// What the API server refuses is known before anything is written, in a check too, and
// all of it in one message.
func TestWhatTheClusterRefusesIsSaidBeforehand(t *testing.T) {
	cases := map[string]struct {
		reason      string
		rule        string
		prepare     func(release, *testing.T)
		asked       map[string]any
		says, hints []string
	}{
		"dead webhook": {"both objects, one cause", deadWebhook, nil, nil,
			[]string{"unreachable: create Service NAMESPACE/tempo, create StatefulSet NAMESPACE/tempo: the admission webhook dead.example.com does not answer"},
			[]string{"look at the pods behind its Service NAMESPACE/policy-server"}},
		"policy": {"what it says", policy, nil, nil,
			[]string{"rejected: create StatefulSet NAMESPACE/tempo: the policy NAMESPACE refuses it: seven pods or none"}, []string{"kubectl get validatingadmissionpolicy NAMESPACE"}},
		"PodSecurity": {"only the pods would be refused, which nobody creates yet", enforcing, nil, nil,
			[]string{"rejected: create the pods of StatefulSet NAMESPACE/tempo: each violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false"},
			[]string{"label the namespace with pod-security.kubernetes.io/enforce=privileged or baseline"}},
		"quota and a wrong field": {"each has its own cause", quota, release.used, map[string]any{"values": map[string]any{"replicas": -1}},
			[]string{"create Service NAMESPACE/tempo: exceeded quota: no-services", "create StatefulSet NAMESPACE/tempo: StatefulSet.apps \"tempo\" is invalid: spec.replicas"},
			[]string{"raise that ResourceQuota"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			r.lay(t, bare)
			r.lay(t, test.rule)
			if test.prepare != nil {
				test.prepare(r, t)
			}
			task := r.With(test.asked)
			checked := awaitRefused(t, task)
			for _, text := range test.says {
				require.Contains(t, testkit.Failed(t, checked), strings.ReplaceAll(text, "NAMESPACE", r.namespace), test.reason)
			}
			for _, text := range test.hints {
				require.Contains(t, fmt.Sprint(checked), strings.ReplaceAll(text, "NAMESPACE", r.namespace), test.reason)
			}
			r.Requests()
			require.Equal(t, testkit.Failed(t, checked), testkit.Failed(t, task.Apply(t)), "a run says the same")
			require.Empty(t, testkit.KubeWrites(r.Requests()), "and has written nothing")
			require.Empty(t, r.secrets(t))
		})
	}
}

// A namespace that only warns takes the pods.
func TestTempoWherePodSecurityOnlyWarns(t *testing.T) {
	r := newRelease(t)
	r.lay(t, strings.Replace(enforcing, "enforce: restricted", "enforce: baseline, pod-security.kubernetes.io/warn: restricted", 1))
	testkit.FourRuns(t, r.Task)
}

// The same for an upgrade: a rule that a release does not fulfil leaves a run alone that has
// nothing to do, and recreating an object is no way around it.
func TestAnUpgradeThatTheClusterRefuses(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	r.lay(t, policy)
	changed := r.With(map[string]any{"values": map[string]any{"replicas": 2}})
	message := testkit.Failed(t, awaitRefused(t, changed))
	require.Contains(t, message, "rejected: patch StatefulSet "+r.namespace+"/tempo: the policy "+r.namespace+" refuses it: seven pods or none")
	r.Requests()
	require.Equal(t, message, testkit.Failed(t, changed.Apply(t)))
	testkit.Unchanged(t, r.Apply(t))
	require.Empty(t, testkit.KubeWrites(r.Requests()))
	testkit.FourRuns(t, r.With(map[string]any{"values": map[string]any{"replicas": 7}}))
}

// The same for what the other modules change: the objects of Linkerd's chart, and the values
// of k3s' own Traefik.
func TestWhatTheClusterRefusesOfOtherModules(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	mesh, edge := newMesh(t, r), newEdge(t, `"--ping=true"`)
	for name, test := range map[string]struct {
		task            testkit.Task
		cluster         *testkit.Cluster
		namespace       string
		group, resource string
		says            string
	}{
		"linkerd_tracing": {mesh.Task, r.Cluster, mesh.namespace, "apps", "deployments", "patch Deployment NAMESPACE/linkerd-proxy-injector"},
		"traefik_tracing": {edge.Task, edge.Cluster, edge.namespace, "helm.cattle.io", "helmchartconfigs", "create HelmChartConfig NAMESPACE/edge"},
	} {
		t.Run(name, func(t *testing.T) {
			rule := strings.NewReplacer("[apps]", "["+test.group+"]", "[statefulsets]", "["+test.resource+"]", "object.spec.replicas == 7", "false")
			release{Cluster: test.cluster, clients: r.clients, namespace: test.namespace}.lay(t, rule.Replace(policy))
			checked := testkit.Failed(t, awaitRefused(t, test.task))
			require.Contains(t, checked, strings.ReplaceAll("rejected: "+test.says+": the policy NAMESPACE refuses it: seven pods or none", "NAMESPACE", test.namespace))
			test.cluster.Requests()
			require.Equal(t, checked, testkit.Failed(t, test.task.Apply(t)))
			require.Empty(t, testkit.KubeWrites(test.cluster.Requests()))
		})
	}
}

// A check may be made by an account that only reads, and a run by one that may too little
// ends before it has written anything.
func TestTempoIsCheckedByAReader(t *testing.T) {
	r := newRelease(t)
	r.lay(t, bare)
	reader := rightsOf(t, "tempo_helm")
	for _, verb := range []string{"create", "patch", "update", "delete"} {
		for _, resource := range []string{"configmaps", "secrets", "deployments", "poddisruptionbudgets", "leases"} {
			reader = without(reader, verb, resource)
		}
	}
	as := hand(t, r.Cluster, reader, r.namespace)
	task := r.With(map[string]any{"kubeconfig": as.Kubeconfig})
	checked := testkit.Changed(t, task.Check(t))
	require.Contains(t, fmt.Sprint(checked["warnings"]), "with the rights of this user a run would be refused before it changes anything: create ConfigMap "+r.namespace+"/tempo: ")
	as.Requests()
	failed := task.Apply(t)
	require.Contains(t, testkit.Failed(t, failed), "denied: create ConfigMap "+r.namespace+"/tempo: ")
	require.Contains(t, fmt.Sprint(failed), "the verb create on statefulsets of the API group apps in a Role in namespace "+r.namespace)
	require.Empty(t, testkit.KubeWrites(as.Requests()))
}

// A dry run costs one request for each object, and only where something is deployed.
func TestWhatTheDryRunsCost(t *testing.T) {
	r := newRelease(t)
	r.lay(t, bare)
	r.Requests()
	testkit.Changed(t, r.Check(t))
	require.Len(t, dryRuns(r.Requests()), 4, "ServiceAccount, ConfigMap, Service and StatefulSet")
	testkit.Changed(t, r.Apply(t))
	require.Len(t, dryRuns(r.Requests()), 4)
	testkit.Unchanged(t, r.Apply(t))
	require.Empty(t, dryRuns(r.Requests()))
}

func dryRuns(requests []string) (all []string) {
	for _, request := range requests {
		if strings.Contains(request, "dryRun=All") {
			all = append(all, request)
		}
	}
	return all
}
