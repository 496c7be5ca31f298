// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admission "k8s.io/api/admissionregistration/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A namespace being deleted accepts nothing new, and check mode says so too.
func TestTerminatingNamespace(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	held := &core.ConfigMap{ObjectMeta: meta.ObjectMeta{Name: "hold", Finalizers: []string{"example.com/hold"}}}
	_, err := lab.client.CoreV1().ConfigMaps(lab.namespace).Create(t.Context(), held, meta.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, lab.client.CoreV1().Namespaces().Delete(t.Context(), lab.namespace, meta.DeleteOptions{}))
	letGo := func() {
		_, _ = lab.client.CoreV1().ConfigMaps(lab.namespace).Patch(context.Background(), "hold", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), meta.PatchOptions{})
	}
	defer letGo()
	task := lab.task(t, nil)
	for _, result := range []map[string]any{task.Check(t), task.Apply(t)} {
		require.True(t, strings.HasPrefix(testkit.Failed(t, result), "conflict: namespace "+lab.namespace+" is being deleted"), result["msg"])
		require.Contains(t, result["hint"], "look at what holds it (finalizers)")
	}
	gone := task.With(map[string]any{"state": "absent"})
	testkit.Unchanged(t, gone.Check(t))
	time.AfterFunc(2*time.Second, letGo)
	testkit.Unchanged(t, gone.Apply(t))
	_, err = lab.client.CoreV1().Namespaces().Get(t.Context(), lab.namespace, meta.GetOptions{})
	require.Error(t, err, "the run waited for it")
}

// An admission webhook that does not answer is named, in one line, with what to
// do about it.
func TestUnreachableWebhook(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	address, name := "https://127.0.0.1:1/", "down-"+lab.namespace+".example.com"
	fail, none := admission.Fail, admission.SideEffectClassNone
	hooks := lab.client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	_, err := hooks.Create(t.Context(), &admission.ValidatingWebhookConfiguration{ObjectMeta: meta.ObjectMeta{Name: name},
		Webhooks: []admission.ValidatingWebhook{{Name: name, FailurePolicy: &fail, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			ClientConfig:      admission.WebhookClientConfig{URL: &address},
			NamespaceSelector: &meta.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": lab.namespace}},
			Rules: []admission.RuleWithOperations{{Operations: []admission.OperationType{admission.Create},
				Rule: admission.Rule{APIGroups: []string{"", "apps"}, APIVersions: []string{"v1"}, Resources: []string{"services", "statefulsets", "configmaps"}}}}}},
	}, meta.CreateOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, hooks.Delete(context.Background(), name, meta.DeleteOptions{})) }()
	task := lab.task(t, nil)
	require.Eventually(t, func() bool { return task.Check(t).Failed() }, 2*time.Minute, 50*time.Millisecond, "the API server has read it")
	result := task.Apply(t)
	require.Contains(t, testkit.Failed(t, result), "unreachable: create ConfigMap "+lab.namespace+"/tempo, create Service "+lab.namespace+"/tempo, create StatefulSet "+
		lab.namespace+"/tempo: the admission webhook "+name+" does not answer: ")
	require.NotContains(t, result["msg"], "\n")
	require.Contains(t, result["hint"], "look at the pods behind its Service")
}
