// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package manifest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// lab is one namespace of the lab's cluster, with a client of its own to check
// it independently of the module.
type lab struct {
	*testkit.Cluster
	namespace string
	client    kubernetes.Interface
}

func newLab(t *testing.T) lab {
	t.Helper()
	t.Parallel() // each test has a namespace of its own, whose removal takes a while
	cluster := testkit.NewCluster(t)
	client, err := kubernetes.NewForConfig(cluster.Config)
	require.NoError(t, err)
	namespace := testkit.Name("apply")
	t.Cleanup(func() {
		err := client.CoreV1().Namespaces().Delete(context.Background(), namespace, meta.DeleteOptions{})
		require.True(t, err == nil || apierrors.IsNotFound(err), "%v", err)
	})
	return lab{cluster, namespace, client}
}

// patience is what a loaded machine may need until a namespace is gone; tests
// that wait less say so.
const patience = "5m"

func (l lab) task(definition string, more map[string]any) testkit.Task {
	task := testkit.Task{New: registry.Modules["k8s_apply"], Options: map[string]any{
		"kubeconfig": l.Kubeconfig, "namespace": l.namespace, "definition": strings.ReplaceAll(definition, "NAMESPACE", l.namespace), "wait_timeout": patience,
	}}
	return task.With(more)
}

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {part: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        env: [{name: DB_PASSWORD, value: S3CRET-CANARY-variable}]
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Secret
metadata: {name: login, labels: {part: shop}}
stringData: {password: S3CRET-CANARY-password}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {part: shop}}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Namespace
metadata: {name: NAMESPACE, labels: {part: shop}}
`

func TestFourRunsAndRemoval(t *testing.T) {
	lab := newLab(t)
	task := lab.task(shop, nil)
	testkit.Changed(t, task.Check(t))
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "a check writes nothing")
	_, err := lab.client.CoreV1().Namespaces().Get(context.Background(), lab.namespace, meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err))

	testkit.FourRuns(t, task)
	lab.Requests()
	testkit.Unchanged(t, task.Apply(t))
	require.Empty(t, testkit.KubeWrites(lab.Requests()), "a run with nothing to do writes nothing")

	deployment, err := lab.client.AppsV1().Deployments(lab.namespace).Get(context.Background(), "web", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, int32(2), deployment.Status.ReadyReplicas, "the run waited")
	secret, err := lab.client.CoreV1().Secrets(lab.namespace).Get(context.Background(), "login", meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "S3CRET-CANARY-password", string(secret.Data["password"]))

	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	_, err = lab.client.CoreV1().Namespaces().Get(context.Background(), lab.namespace, meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the run waited until the namespace was gone")
}

// Nobody owns a field of such an object, which is the shortest manifest of a Namespace.
func TestObjectsWithANameAloneAreRemoved(t *testing.T) {
	lab := newLab(t)
	task := lab.task("{apiVersion: v1, kind: Namespace, metadata: {name: NAMESPACE}}\n---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}", nil)
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	_, err := lab.client.CoreV1().Namespaces().Get(context.Background(), lab.namespace, meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

func TestForeignFieldsAreKeptAndNotShown(t *testing.T) {
	lab := newLab(t)
	task := lab.task(shop, nil)
	testkit.Changed(t, task.Apply(t))
	_, err := lab.client.AppsV1().Deployments(lab.namespace).Patch(context.Background(), "web", types.StrategicMergePatchType,
		[]byte(`{"metadata":{"annotations":{"theirs":"x"}},"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:1"}]}}}}`), meta.PatchOptions{FieldManager: "them"})
	require.NoError(t, err)
	testkit.Unchanged(t, task.Apply(t))

	changed := lab.task(strings.Replace(shop, "image: web:1", "image: web:2", 1), nil)
	before, after := testkit.Diff(t, testkit.Changed(t, changed.Apply(t)))
	require.Contains(t, before, "image: web:1")
	require.Contains(t, after, "image: web:2")
	for _, foreign := range []string{"theirs", "side:1", "uid", "resourceVersion", "terminationMessagePath"} {
		require.NotContains(t, before+after, foreign)
	}
	deployment, err := lab.client.AppsV1().Deployments(lab.namespace).Get(context.Background(), "web", meta.GetOptions{})
	require.NoError(t, err)
	require.Len(t, deployment.Spec.Template.Spec.Containers, 2)
	require.Equal(t, "x", deployment.Annotations["theirs"])
}

func TestFieldRemovedFromTheManifestIsRemoved(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(shop, nil).Apply(t))
	less := lab.task(strings.Replace(shop, "metadata: {name: web, labels: {part: shop}}", "metadata: {name: web}", 1), nil)
	before, after := testkit.Diff(t, testkit.Changed(t, less.Check(t)))
	require.Contains(t, before, "part: shop")
	require.NotContains(t, after, "part: shop")
	testkit.FourRuns(t, less)
	service, err := lab.client.CoreV1().Services(lab.namespace).Get(context.Background(), "web", meta.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, service.Labels)
}

func TestChangedSecretIsNotShown(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(shop, nil).Apply(t))
	changed := lab.task(strings.Replace(shop, "CANARY-password", "CANARY-other", 1), nil)
	before, after := testkit.Diff(t, testkit.Changed(t, changed.Apply(t)))
	require.Contains(t, before, "password: '*** (before)'")
	require.Contains(t, after, "password: '*** (after)'")
}

func TestRefusalDoesNotQuoteASecret(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(shop, nil).Apply(t))
	secrets := `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: pin}, stringData: {pin: 7391982374}}
- {apiVersion: v1, kind: Secret, metadata: {name: deep}, stringData: {a: {b: CANARY-deep}}}
- {apiVersion: v1, kind: Secret, metadata: {name: text}, data: {a: "CANARY no base64", n: 73919823.5}}
`
	message := testkit.Failed(t, lab.task(secrets, nil).Apply(t))
	require.Contains(t, message, "apply Secret "+lab.namespace+"/pin")
	for _, value := range []string{"7391982374", "7.391982374e", "CANARY", "73919823.5"} {
		require.NotContains(t, message, value)
	}
}

func TestPruneRemovesUnlistedObjects(t *testing.T) {
	lab := newLab(t)
	prune := map[string]any{"prune": "part=shop"}
	testkit.Changed(t, lab.task(shop, prune).Apply(t))
	_, err := lab.client.CoreV1().ConfigMaps(lab.namespace).Create(context.Background(),
		&core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "theirs", Labels: map[string]string{"part": "shop"}}}, meta.CreateOptions{})
	require.NoError(t, err)
	documents := strings.Split(shop, "---\n")
	less := lab.task(strings.Join([]string{documents[0], documents[1], documents[3]}, "---\n"), prune)
	testkit.FourRuns(t, less)
	_, err = lab.client.CoreV1().Services(lab.namespace).Get(context.Background(), "web", meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the Service is no longer in the list")
	_, err = lab.client.CoreV1().ConfigMaps(lab.namespace).Get(context.Background(), "theirs", meta.GetOptions{})
	require.NoError(t, err, "the label alone does not make the object ours")
}

func TestNamespaceWithForeignObjectsIsKept(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(shop, nil).Apply(t))
	_, err := lab.client.CoreV1().ConfigMaps(lab.namespace).Create(context.Background(), &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "theirs"}}, meta.CreateOptions{})
	require.NoError(t, err)
	result := testkit.Changed(t, lab.task(shop, map[string]any{"state": "absent"}).Apply(t))
	require.Equal(t, []any{"Namespace " + lab.namespace + " stays: it holds objects of others: ConfigMap theirs"}, result["warnings"])
	_, err = lab.client.AppsV1().Deployments(lab.namespace).Get(context.Background(), "web", meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err))
}

func TestRefusals(t *testing.T) {
	lab := newLab(t)
	testkit.Changed(t, lab.task(shop, nil).Apply(t))
	_, err := lab.client.CoreV1().ConfigMaps(lab.namespace).Create(context.Background(),
		&core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "taken"}, Data: map[string]string{"k": "theirs"}}, meta.CreateOptions{FieldManager: "them"})
	require.NoError(t, err)
	configMap := func(name, rest string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n" + rest + "\n"
	}
	cases := map[string]struct{ reason, definition, want string }{
		"conflict":   {"another manager owns the field", configMap("taken", "data: {k: ours}"), "conflict: apply ConfigMap NAMESPACE/taken: others own .data.k (conflict with \"them\" using v1)"},
		"typo":       {"the API server knows every field", configMap("typo", "dada: {k: v}"), "rejected: apply ConfigMap NAMESPACE/typo: "},
		"no kind":    {"nothing defines the kind", "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\n", "not_found: apply Thing NAMESPACE/t: the API server has no such kind"},
		"immutable":  {"a selector is immutable", strings.ReplaceAll(strings.Split(shop, "---\n")[0], "app: web", "app: other"), "field is immutable"},
		"no space":   {"the manifests do not include the namespace", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: nowhere}\n", "not_found: apply ConfigMap nowhere/c: namespaces \"nowhere\" not found"},
		"two of one": {"all are reported at once", configMap("taken", "data: {k: ours}") + "---\n" + configMap("typo", "dada: {k: v}"), "others own .data.k (conflict with \"them\" using v1); apply ConfigMap NAMESPACE/typo: "},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab.Requests()
			result := lab.task(test.definition, nil).Apply(t)
			require.Contains(t, testkit.Failed(t, result), strings.ReplaceAll(test.want, "NAMESPACE", lab.namespace), test.reason)
			require.Empty(t, testkit.KubeWrites(lab.Requests()), "refused before anything is written")
			t.Log(result["msg"], "|", result["hint"])
		})
	}
	testkit.Changed(t, lab.task(configMap("taken", "data: {k: ours}"), map[string]any{"force_conflicts": true}).Apply(t))
}

func TestNewKindAndItsObjectsInOneTask(t *testing.T) {
	lab := newLab(t)
	group := testkit.Name("g") + ".example.org"
	definition := `
apiVersion: ` + group + `/v1
kind: Gadget
metadata: {name: first, namespace: NAMESPACE}
spec: {size: 3}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.` + group + `}
spec:
  group: ` + group + `
  names: {kind: Gadget, plural: gadgets, singular: gadget, listKind: GadgetList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: NAMESPACE}
`
	task := lab.task(definition, nil)
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
}

func TestTimeoutNamesWhatIsMissing(t *testing.T) {
	lab := newLab(t)
	result := lab.task(unschedulable, map[string]any{"wait_timeout": "25s"}).Apply(t) // a loaded machine's controller creates the pods in this time
	require.Regexp(t, `^timeout: wait for the objects: timed out: 3/4: Deployment `+lab.namespace+`/web: 0/2 ready(, pod web-.*: 0/\d+ nodes are available: .*)?$`,
		testkit.Failed(t, result))
	require.Equal(t, true, result["changed"])
}

// Pods for which there can be no node are not waited for until the timeout.
func TestUnschedulablePodsEndTheWait(t *testing.T) {
	lab := newLab(t)
	begin := time.Now()
	result := lab.task(unschedulable, map[string]any{"wait_timeout": "20m"}).Apply(t)
	require.Regexp(t, `^rejected: wait for Deployment `+lab.namespace+`/web: pod web-.*: 0/\d+ nodes are available: .*: no node has the labels that its node selector or affinity asks for$`,
		testkit.Failed(t, result))
	require.Contains(t, result["hint"], "label a node")
	require.Less(t, time.Since(begin), 5*time.Minute)
}

var unschedulable = strings.Replace(shop, "      containers:", "      nodeSelector: {nowhere: \"true\"}\n      containers:", 1)

func TestUnreachableAPIServer(t *testing.T) {
	lab := newLab(t)
	task := lab.task(shop, map[string]any{"kubeconfig": map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "lab",
		"clusters": []any{map[string]any{"name": "lab", "cluster": map[string]any{"server": "http://127.0.0.1:1"}}},
		"contexts": []any{map[string]any{"name": "lab", "context": map[string]any{"cluster": "lab", "user": ""}}},
	}})
	require.Contains(t, testkit.Failed(t, task.Apply(t)), "unreachable: read the kinds of v1: ")
}

// Pods that the API server refuses are not waited for until the timeout.
func TestPodsThatCannotBeCreatedEndTheWait(t *testing.T) {
	lab := newLab(t)
	restricted := strings.Replace(shop, "NAMESPACE, labels: {part: shop}", "NAMESPACE, labels: {part: shop, pod-security.kubernetes.io/enforce: restricted}", 1)
	require.NotEqual(t, shop, restricted)
	begin := time.Now()
	text := testkit.Failed(t, lab.task(restricted, map[string]any{"wait_timeout": "20m"}).Apply(t))
	require.Regexp(t, `^rejected: wait for Deployment `+lab.namespace+`/web: deployment/web: pods "web-.* is forbidden: violates PodSecurity "restricted:latest"`, text)
	require.Less(t, time.Since(begin), 5*time.Minute)
}
