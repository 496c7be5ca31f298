// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build ring

package ringtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// controlPlane has the kinds of objects of the chart linkerd-control-plane, and
// what it generates anew at each upgrade: the certificates of its webhooks, and
// the hour of its heartbeat.
const controlPlane = `
apiVersion: v1
kind: ConfigMap
metadata: {name: linkerd-config}
data: {values: "linkerdVersion: edge-26.8.3\n"}
---
{{- $certificate := randAlphaNum 16 | b64enc }}
apiVersion: v1
kind: Secret
metadata: {name: linkerd-proxy-injector-k8s-tls}
data: {tls.crt: {{ $certificate }}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: linkerd-proxy-injector}
---
apiVersion: v1
kind: Service
metadata: {name: linkerd-proxy-injector}
spec: {selector: {app: injector}, ports: [{port: 443}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Release.Namespace }}-proxy-injector}
rules: [{apiGroups: [""], resources: [secrets], verbs: [watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: {{ .Release.Namespace }}-proxy-injector}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Release.Namespace }}-proxy-injector}
subjects: [{kind: ServiceAccount, name: linkerd-proxy-injector, namespace: {{ .Release.Namespace }}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: linkerd-heartbeat}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: linkerd-heartbeat}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: linkerd-heartbeat}
subjects: [{kind: ServiceAccount, name: linkerd-proxy-injector, namespace: {{ .Release.Namespace }}}]
---
{{- range $kind := list "Mutating" "Validating" }}
apiVersion: admissionregistration.k8s.io/v1
kind: {{ $kind }}WebhookConfiguration
metadata: {name: {{ $.Release.Namespace }}-webhook}
webhooks:
- name: webhook.linkerd.example.com
  clientConfig: {caBundle: {{ $certificate | b64enc }}, service: {name: linkerd-proxy-injector, namespace: {{ $.Release.Namespace }}}}
  rules: []
  sideEffects: None
  admissionReviewVersions: [v1]
---
{{- end }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: linkerd-proxy-injector}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: injector}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: linkerd-heartbeat}
spec:
  schedule: "{{ randInt 0 59 }} {{ randInt 0 23 }} * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: heartbeat, image: "heartbeat:1"}]}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: linkerd-proxy-injector, labels: {linkerd.io/control-plane-component: proxy-injector}}
spec:
  selector: {matchLabels: {app: injector}}
  template:
    metadata: {labels: {app: injector}}
    spec: {containers: [{name: injector, image: "injector:1", env: [{name: TRACING, value: {{ .Values.proxy | toJson | quote }}}]}]}
`

// mesh is a Linkerd that Helm installed, in a namespace of its own.
type mesh struct {
	testkit.Task
	namespace string
}

// newMesh installs it beside the release of Tempo.
func newMesh(t *testing.T, r release) mesh {
	t.Helper()
	m := mesh{namespace: testkit.Name("ring-linkerd")}
	_, err := r.clients.Core.Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: m.namespace}}, meta.CreateOptions{})
	require.NoError(t, err)
	folder := filepath.Join(t.TempDir(), "linkerd-control-plane")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "templates"), 0o700))
	for name, text := range map[string]string{"Chart.yaml": "apiVersion: v2\nname: linkerd-control-plane\nversion: 1.2.3\n", "values.yaml": "proxy: {}\n", "templates/all.yaml": controlPlane} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	chart, err := helm.Source{Ref: folder}.Load(t.Context())
	require.NoError(t, err)
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{ExplicitPath: testkit.Env(t, "KUBECONFIG")}, &clientcmd.ConfigOverrides{})
	client := helm.New(helm.Access{Config: r.Config, Loader: loader, Namespace: m.namespace, Secrets: r.clients.Core.Secrets(m.namespace)})
	require.NoError(t, client.Install(t.Context(), helm.Deployment{Name: "control", Chart: chart, Timeout: 5 * time.Minute}))
	m.Task = testkit.Task{New: registry.Modules["linkerd_tracing"], Options: map[string]any{
		"kubeconfig": r.Kubeconfig, "linkerd_namespace": m.namespace, "tempo_namespace": r.namespace, "wait": false,
	}}
	return m
}

func TestRightsOfLinkerdAreSufficient(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	m := newMesh(t, r)
	task := m.With(map[string]any{"kubeconfig": hand(t, r.Cluster, rightsOf(t, "linkerd_tracing"), m.namespace).Kubeconfig})
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"trace_service_name": "mesh"}))
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
}

// A run that is killed while Helm upgrades leaves its revision pending, and the next
// one continues from there once no other run can be at work.
func TestLinkerdAfterAKilledRun(t *testing.T) {
	r := newRelease(t)
	testkit.Changed(t, r.Apply(t))
	m := newMesh(t, r)
	testkit.Changed(t, m.Apply(t))
	testkit.Changed(t, m.With(map[string]any{"trace_service_name": "mesh"}).Apply(t))

	testkit.CutOff(t, r.clients.Core.Secrets(m.namespace), "control", time.Minute)
	refused := m.Apply(t)
	require.Contains(t, testkit.Failed(t, refused), "revision 3 is pending-upgrade")
	require.Contains(t, refused["hint"], "it is repaired by a run after timeout")

	testkit.CutOff(t, r.clients.Core.Secrets(m.namespace), "control", time.Hour)
	testkit.FourRuns(t, m.Task)
}
