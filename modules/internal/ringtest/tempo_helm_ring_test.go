// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// release is Tempo in a namespace of its own, on an API server without
// controllers that would create its pods.
type release struct {
	testkit.Task
	*testkit.Cluster
	clients   kube.Clients
	namespace string
}

func newRelease(t *testing.T) release {
	t.Helper()
	cluster := testkit.NewCluster(t)
	clients, err := kube.NewClients(cluster.Config)
	require.NoError(t, err)
	r := release{Cluster: cluster, clients: clients, namespace: testkit.Name("ring-tempo")}
	r.Task = testkit.Task{New: registry.Modules["tempo_helm"], Options: map[string]any{
		"kubeconfig": cluster.Kubeconfig, "release_name": "tempo", "release_namespace": r.namespace, "mode": "monolithic", "wait": false,
		"chart_ref": packed(t, tempoChart), "s3": map[string]any{"bucket": "tempo", "endpoint": "s3.example.com:9091", "region": "eu-west-1",
			"access_key": testkit.Canary + "access", "secret_key": testkit.Canary + "secret"},
	}}
	return r
}

func (r release) secrets(t *testing.T) map[string]core.Secret {
	t.Helper()
	list, err := r.clients.Core.Secrets(r.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	found := map[string]core.Secret{}
	for _, secret := range list.Items {
		found[secret.Name] = secret
	}
	return found
}

// absent is the task that removes it.
func (r release) absent() testkit.Task {
	return r.With(map[string]any{"state": "absent", "s3": nil})
}

func TestTempoIsInstalledAndRemoved(t *testing.T) {
	r := newRelease(t)
	testkit.Unchanged(t, r.absent().Apply(t))
	require.Equal(t, "not_found: namespace "+r.namespace+" does not exist", testkit.Failed(t, r.With(map[string]any{"create_namespace": false}).Apply(t)))
	testkit.FourRuns(t, r.Task)
	r.Requests()
	testkit.Changed(t, r.absent().Check(t))
	testkit.Unchanged(t, r.Apply(t))
	require.Empty(t, testkit.KubeWrites(r.Requests()))
	require.Len(t, r.secrets(t), 2, "the release's record and the credentials")

	before, after := testkit.Diff(t, testkit.Changed(t, r.absent().With(map[string]any{"remove_namespace": true}).Check(t)))
	require.Contains(t, before, "release/tempo")
	require.Contains(t, before, "namespace/"+r.namespace)
	require.NotContains(t, after, "release/tempo")
	testkit.FourRuns(t, r.absent())
	require.Empty(t, r.secrets(t))
}

func TestTempoIsChanged(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	testkit.FourRuns(t, r.With(map[string]any{"namespace_labels": map[string]any{"a": "b"}, "values": map[string]any{"replicas": 2}}))
	namespace, err := r.clients.Core.Namespaces().Get(t.Context(), r.namespace, meta.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "b", namespace.Labels["a"])
	rotated := maps.Clone(r.Options["s3"].(map[string]any))
	rotated["secret_key"] = testkit.Canary + "rotated"
	testkit.FourRuns(t, r.With(map[string]any{"s3": rotated}))
	testkit.FourRuns(t, r.Task)
}

// Deleting the record of an interrupted upgrade, as is often advised, may leave
// only superseded revisions: Helm upgrades from the newest of them.
func TestTempoWithoutADeployedRevision(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	values := r.With(map[string]any{"values": map[string]any{"replicas": 2}})
	testkit.Changed(t, values.Apply(t))
	require.NoError(t, r.clients.Core.Secrets(r.namespace).Delete(t.Context(), "sh.helm.release.v1.tempo.v2", meta.DeleteOptions{}))
	testkit.FourRuns(t, values)
	require.Contains(t, r.secrets(t), "sh.helm.release.v1.tempo.v2")
}

// The keys are in a Secret of the user's, which is checked and left alone.
func TestTempoWithTheUsersSecret(t *testing.T) {
	r := newRelease(t)
	_, err := r.clients.Core.Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: r.namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
	task := r.With(map[string]any{"s3": map[string]any{"bucket": "tempo", "endpoint": "s3.example.com:9091", "existing_secret": "mine"}})
	require.Equal(t, "not_found: secret mine of s3.existing_secret does not exist", testkit.Failed(t, task.Apply(t)))
	mine := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: "mine"}, StringData: map[string]string{"AWS_ACCESS_KEY_ID": "a"}}
	mine, err = r.clients.Core.Secrets(r.namespace).Create(t.Context(), mine, meta.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, "not_found: secret mine of s3.existing_secret has no entry AWS_SECRET_ACCESS_KEY", testkit.Failed(t, task.Apply(t)))
	for text, want := range map[string]string{"b\n": "usage: entry AWS_SECRET_ACCESS_KEY in secret mine of s3.existing_secret ends with a line break, so that the store would refuse the login", "b": ""} {
		mine.StringData = map[string]string{"AWS_SECRET_ACCESS_KEY": text}
		mine, err = r.clients.Core.Secrets(r.namespace).Update(t.Context(), mine, meta.UpdateOptions{})
		require.NoError(t, err)
		if want != "" {
			require.Equal(t, want, testkit.Failed(t, task.Apply(t)))
			continue
		}
		testkit.FourRuns(t, task)
	}
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent", "s3": nil}))
	require.Contains(t, r.secrets(t), "mine")
}

// A Secret with the module's name that somebody else created is not taken over.
func TestTempoWithAForeignSecret(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	name := ""
	for candidate, secret := range r.secrets(t) {
		if secret.Type == core.SecretTypeOpaque {
			name = candidate
		}
	}
	require.NoError(t, r.clients.Core.Secrets(r.namespace).Delete(t.Context(), name, meta.DeleteOptions{}))
	theirs := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: name}}
	_, err := r.clients.Core.Secrets(r.namespace).Create(t.Context(), theirs, meta.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, "conflict: secret "+name+" exists and is not this module's", testkit.Failed(t, r.Apply(t)))
}

func TestDriftOfTempo(t *testing.T) {
	r := newRelease(t)
	correct := r.With(map[string]any{"drift": "correct"})
	testkit.Changed(t, correct.Apply(t))
	patch := func(replicas string) {
		_, err := r.clients.Apps.StatefulSets(r.namespace).Patch(t.Context(), "tempo", types.MergePatchType, []byte(`{"spec":{"replicas":`+replicas+`}}`), meta.PatchOptions{})
		require.NoError(t, err)
	}
	patch("3")
	require.NoError(t, r.clients.Core.Services(r.namespace).Delete(t.Context(), "tempo", meta.DeleteOptions{}))
	result := testkit.Unchanged(t, r.With(map[string]any{"drift": "report"}).Apply(t))
	require.Equal(t, []any{
		map[string]any{"object": "service/tempo", "state": "missing", "fields": []any{}},
		map[string]any{"object": "statefulset/tempo", "state": "changed", "fields": []any{"spec.replicas"}},
	}, result["drift"])
	require.Equal(t, []any{}, testkit.Unchanged(t, r.With(map[string]any{"drift": "ignore"}).Apply(t))["drift"])
	testkit.FourRuns(t, correct)

	require.NoError(t, r.clients.Apps.StatefulSets(r.namespace).Delete(t.Context(), "tempo", meta.DeleteOptions{}))
	require.NoError(t, r.clients.Core.ConfigMaps(r.namespace).Delete(t.Context(), "tempo", meta.DeleteOptions{}))
	ignored := testkit.Unchanged(t, r.With(map[string]any{"drift": "ignore", "wait": true}).Check(t))
	require.Contains(t, ignored["warnings"], "release tempo cannot be ready: statefulset/tempo is gone")
	report := r.With(map[string]any{"drift": "report"})
	_, after := testkit.Diff(t, testkit.Changed(t, report.Check(t)))
	require.Contains(t, after, "statefulset/tempo")
	require.Contains(t, after, "configmap/tempo")
	testkit.FourRuns(t, report)

	patch("0")
	idle := testkit.Unchanged(t, report.With(map[string]any{"wait": true}).Check(t))
	require.Contains(t, idle["warnings"], "release tempo cannot be ready: statefulset/tempo is scaled to 0 pods, not 1")
}

// A namespace being deleted accepts no release, and deletes an existing one.
func TestTempoInATerminatingNamespace(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	require.NoError(t, r.clients.Core.Namespaces().Delete(t.Context(), r.namespace, meta.DeleteOptions{}))
	changed := r.With(map[string]any{"values": map[string]any{"replicas": 2}})
	require.Equal(t, "conflict: namespace "+r.namespace+" is being deleted", testkit.Failed(t, changed.Check(t)))
	r.Requests()
	testkit.Unchanged(t, r.absent().Check(t))
	require.Empty(t, testkit.KubeWrites(r.Requests()), "what the namespace takes with it is not deleted")
}
