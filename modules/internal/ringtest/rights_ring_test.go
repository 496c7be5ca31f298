// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authorization "k8s.io/api/authorization/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/rights"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// hand gives a new account the rights of a module in a namespace, and no
// others, and returns the cluster as that account sees it.
func hand(t *testing.T, cluster *testkit.Cluster, module rights.Module, namespace string) *testkit.Cluster {
	t.Helper()
	account := rights.Account{Namespace: testkit.Name("ring-rights"), Name: testkit.Name("ring-account")}
	objects, err := kube.NewObjects(cluster.Config, "")
	require.NoError(t, err)
	for _, text := range []string{account.Manifest(), rights.Account{Namespace: namespace, Name: "unused"}.Manifest(), module.Manifest(account, namespace)} {
		list := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal([]byte(text), &list.Object))
		require.NoError(t, list.EachListItem(func(object runtime.Object) error {
			_, err := objects.Apply(t.Context(), object.(*unstructured.Unstructured), kube.Applying{Manager: "ring", Force: true})
			return err
		}), text)
	}
	awaitRights(t, cluster, account, module, namespace)
	return testkit.NewClusterAs(t, account.User())
}

// awaitRights waits until the authorizer has seen the roles and their bindings,
// which it watches: a busy API server may answer before that.
func awaitRights(t *testing.T, cluster *testkit.Cluster, account rights.Account, module rights.Module, namespace string) {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config)
	require.NoError(t, err)
	for place, rules := range map[string][]rights.Rule{namespace: module.Local, "": module.Cluster} {
		if len(rules) == 0 {
			continue
		}
		rule := rules[slices.IndexFunc(rules, func(rule rights.Rule) bool { return len(rule.Verbs) > 0 })]
		resource, part, _ := strings.Cut(rule.Resources[0], "/")
		asked := &authorization.ResourceAttributes{Namespace: place, Verb: rule.Verbs[0], Group: rule.Group, Resource: resource, Subresource: part}
		if len(rule.Names) > 0 {
			asked.Name = rule.Names[0]
		}
		review := &authorization.SubjectAccessReview{Spec: authorization.SubjectAccessReviewSpec{User: account.User(), ResourceAttributes: asked}}
		require.Eventually(t, func() bool {
			answer, err := client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), review, meta.CreateOptions{})
			return err == nil && answer.Status.Allowed
		}, 2*time.Minute, 20*time.Millisecond, "%v", asked)
	}
}

func rightsOf(t *testing.T, module string) rights.Module {
	t.Helper()
	at := slices.IndexFunc(rights.Modules, func(m rights.Module) bool { return m.Name == module })
	require.GreaterOrEqual(t, at, 0)
	return rights.Modules[at]
}

// without removes a verb on a resource from the module's rights.
func without(module rights.Module, verb, resource string) rights.Module {
	module.Local = slices.Clone(module.Local)
	for i, rule := range module.Local {
		if slices.Contains(rule.Resources, resource) {
			module.Local[i].Verbs = slices.DeleteFunc(slices.Clone(rule.Verbs), func(v string) bool { return v == verb })
		}
	}
	return module
}

// everyKind adds the kinds of tempo-distributed to those of chart tempo.
func everyKind() map[string]string {
	chart := map[string]string{"templates/parts.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-querier}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: querier}}
  template:
    metadata: {labels: {app: querier}}
    spec: {containers: [{name: tempo, image: grafana/tempo:2.10.6}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: {{ .Release.Name }}-querier}
spec: {maxUnavailable: {{ .Values.replicas }}, selector: {matchLabels: {app: querier}}}
`}
	for name, text := range tempoChart {
		chart[name] = text
	}
	return chart
}

func TestRightsOfTempoAreSufficient(t *testing.T) {
	r := newRelease(t)
	as := hand(t, r.Cluster, rightsOf(t, "tempo_helm"), r.namespace)
	task := r.With(map[string]any{"kubeconfig": as.Kubeconfig, "chart_ref": packed(t, everyKind()), "namespace_labels": map[string]any{"a": "b"}})
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"values": map[string]any{"replicas": 2}}))
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent", "s3": nil, "remove_volumes": true}))
}

func TestRightsOfTraefikAreSufficient(t *testing.T) {
	e := newEdge(t, `"--ping=true"`)
	task := e.With(map[string]any{"kubeconfig": hand(t, e.Cluster, rightsOf(t, "traefik_tracing"), e.namespace).Kubeconfig, "method": "helmchartconfig"})
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"sample_rate": 0.5}))
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))

	poorer := hand(t, e.Cluster, without(rightsOf(t, "traefik_tracing"), "create", "helmchartconfigs"), e.namespace)
	message := testkit.Failed(t, task.With(map[string]any{"kubeconfig": poorer.Kubeconfig}).Apply(t))
	require.Contains(t, message, "denied: ")
	require.Contains(t, message, "create")
	require.Contains(t, message, "helmchartconfigs")
}

// sidecar is a Grafana with the container that turns ConfigMaps into files.
const sidecar = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, labels: {app.kubernetes.io/name: grafana}}
spec:
  selector: {matchLabels: {app: grafana}}
  template:
    metadata: {labels: {app: grafana}}
    spec:
      containers:
      - {name: grafana, image: "grafana/grafana:9.2.5"}
      - {name: grafana-sc-datasources, image: "kiwigrid/k8s-sidecar:1.19.2", env: [{name: LABEL, value: grafana_datasource}, {name: FOLDER, value: /etc/grafana/provisioning/datasources}, {name: RESOURCE, value: both}]}
`

func TestRightsOfADataSourceAreSufficient(t *testing.T) {
	e := newEdge(t, `"--ping=true"`) // for its namespace
	e.apply(t, sidecar)
	task := testkit.Task{New: registry.Modules["grafana_datasource"], Options: map[string]any{
		"kubeconfig": hand(t, e.Cluster, rightsOf(t, "grafana_datasource"), e.namespace).Kubeconfig, "namespace": e.namespace,
		"name": "Tempo", "ds_type": "tempo", "ds_url": "http://tempo:3200",
	}}
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"ds_url": "http://tempo:3100"}))
	testkit.Unchanged(t, task.With(map[string]any{"ds_url": nil, "name": "Loki", "ds_type": "loki", "required": false}).Apply(t))
}

func TestRightsOfManifestsAreSufficient(t *testing.T) {
	r := newRelease(t)
	task := testkit.Task{New: registry.Modules["k8s_apply"], Options: map[string]any{
		"kubeconfig": hand(t, r.Cluster, rightsOf(t, "k8s_apply"), r.namespace).Kubeconfig, "namespace": r.namespace, "wait": false,
		"definition": []any{
			map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"a": "b"}},
			map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "a"}},
		},
	}}
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
}

// A run that only reads ends as it would with all rights: there is no Linkerd
// here, and nothing behind Tempo's Service.
func TestRightsToReadAreSufficient(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	linkerd := rightsOf(t, "linkerd_tracing")
	linkerd.Local = nil // without a Linkerd the cluster-wide rights are enough
	for module, test := range map[string]struct {
		rights  rights.Module
		options map[string]any
	}{
		"linkerd_tracing": {linkerd, map[string]any{"tempo_namespace": r.namespace, "linkerd_namespace": r.namespace}},
		"trace_probe":     {rightsOf(t, "trace_probe"), map[string]any{"tempo_namespace": r.namespace, "wait_timeout": "1s", "timeout": "20s"}},
	} {
		t.Run(module, func(t *testing.T) {
			task := testkit.Task{New: registry.Modules[module], Options: test.options}
			all := task.With(map[string]any{"kubeconfig": r.Kubeconfig}).Apply(t)
			few := task.With(map[string]any{"kubeconfig": hand(t, r.Cluster, test.rights, r.namespace).Kubeconfig}).Apply(t)
			require.Equal(t, all["failed"], few["failed"], "%v", few)
			require.Equal(t, all["kind"], few["kind"], "%v\n%v", all["msg"], few["msg"])
		})
	}
}
