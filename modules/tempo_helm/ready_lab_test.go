// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The lab's pods have no containers, so a stand-in for the API server answers for
// them here: 503 as Tempo does while it starts, then 200.
func TestReadyCheckAsksEachPod(t *testing.T) {
	lab := newLab(t)
	var mu sync.Mutex
	asked := map[string]int{}
	lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		_, pod, ok := strings.Cut(r.URL.Path, "/pods/http:")
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if asked[pod]++; asked[pod] == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("some services are not Running:\nStarting: 1\n"))
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	testkit.Changed(t, lab.distributed(t, "0.27.9", map[string]any{"resources": "raspberrypi", "ready_check": "http", "drift": "ignore"}).Apply(t))
	require.Len(t, asked, 5, "distributor, ingester, querier, query frontend and compactor, but not memcached: %v", asked)
	for pod, times := range asked {
		require.GreaterOrEqual(t, times, 2, pod)
		require.Regexp(t, `^tempo-[a-z0-9-]+:3100/proxy/ready$`, pod)
	}
}

// If the pods cannot be asked, auto relies on the workloads, and http says why it
// waited in vain.
func TestReadyCheckWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status       int
		answer, want string
	}{
		"denied":      {http.StatusForbidden, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"pods is forbidden","code":403}`, "denied: install release tempo with chart tempo-2.2.4: ask pod tempo-0 for /ready through the API server's proxy: pods is forbidden"},
		"unreachable": {http.StatusServiceUnavailable, "error trying to reach service: dial tcp 10.42.0.7:3200: i/o timeout", "wait for release tempo: timed out: ask pod tempo-0 for /ready through the API server's proxy: error trying to reach service: dial tcp 10.42.0.7:3200: i/o timeout"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.Contains(r.URL.Path, "/pods/http:") {
					next.ServeHTTP(w, r)
					return
				}
				if strings.HasPrefix(test.answer, "{") {
					w.Header().Set("Content-Type", "application/json")
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.answer))
			})
			result := lab.task(t, map[string]any{"ready_check": "http", "wait_timeout": "30s"}).Apply(t)
			require.Contains(t, testkit.Failed(t, result), test.want)
			require.NotEmpty(t, result["hint"])
			testkit.Changed(t, lab.task(t, map[string]any{"ready_check": "auto"}).Apply(t))
		})
	}
}

// A chart that requires a newer Kubernetes is refused, with what to do.
func TestKubernetesTooOld(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.URL.Path != "/version" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"major":"1","minor":"24","gitVersion":"v1.24.17+k3s1"}`))
	})
	result := lab.distributed(t, "2.26.2", nil).Apply(t)
	require.Equal(t, "unsupported: render release tempo with chart tempo-distributed-2.26.2: chart requires kubeVersion: ^1.25.0-0 which is incompatible with Kubernetes v1.24.17+k3s1", testkit.Failed(t, result))
	require.Equal(t, "use an older chart_version, or upgrade Kubernetes to what the chart requires", result["hint"])
	require.Empty(t, lab.secrets(t))
}

// The diff of an upgrade shows what changes in the objects, by field, without
// their content.
func TestDiffNamesObjects(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"wait": false})
	_, after := testkit.Diff(t, testkit.Changed(t, task.Apply(t)))
	require.Contains(t, after, "objects:\n    configmap/tempo: created\n    service/tempo: created\n    serviceaccount/tempo: created\n    statefulset/tempo: created")
	_, after = testkit.Diff(t, testkit.Changed(t, task.With(map[string]any{"retention": "48h", "metrics_generator": nil, "receivers": []any{"otlp_grpc"}}).Check(t)))
	require.Contains(t, after, "configmap/tempo: 'changed: data.tempo.yaml'")
	require.Contains(t, after, "statefulset/tempo: 'changed: spec.template.metadata.annotations.checksum/config'")
	require.NotContains(t, after, "serviceaccount/tempo")
}

// Pods that the release no longer has terminate slowly, here because of a
// finalizer: until a querier is gone it is connected to the query frontend,
// which says that it is ready. Ready means that it stays so.
func TestReadyCheckWaitsForTerminatingPods(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason, component string
		values            map[string]any
	}{
		"scaled to nothing": {"its workload is kept", "querier", map[string]any{"querier": map[string]any{"replicas": 0}}},
		"a part left out":   {"its workload is deleted", "memcached", map[string]any{"memcached": map[string]any{"enabled": false}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if strings.Contains(r.URL.Path, "/pods/http:") {
					_, _ = w.Write([]byte("ready\n"))
					return
				}
				next.ServeHTTP(w, r)
			})
			task := lab.distributed(t, "0.27.9", map[string]any{"resources": "raspberrypi", "ready_check": "http", "drift": "ignore"})
			testkit.Changed(t, task.Apply(t))
			lab.finalize(t, test.component, `["example.com/slow"]`)
			task = task.With(map[string]any{"values": test.values})
			result := task.With(map[string]any{"wait_timeout": "30s"}).Apply(t)
			require.Regexp(t, "timed out: pod tempo-"+test.component+"-\\S+, which the release no longer wants, has not ended yet", testkit.Failed(t, result), test.reason)
			released := time.AfterFunc(5*time.Second, func() { lab.finalize(t, test.component, "null") })
			defer released.Stop()
			testkit.Changed(t, task.Apply(t))
			require.Empty(t, lab.podsOf(t, test.component), "the run ended when the pod had terminated")
			testkit.Unchanged(t, task.Apply(t))
		})
	}
}

// podsOf are the pods of a component, including terminating ones.
func (l lab) podsOf(t *testing.T, component string) []core.Pod {
	t.Helper()
	pods, err := l.client.CoreV1().Pods(l.namespace).List(context.Background(), meta.ListOptions{LabelSelector: "app.kubernetes.io/component=" + component})
	require.NoError(t, err)
	return pods.Items
}

// finalize sets the finalizers of a component's pods, in JSON.
func (l lab) finalize(t *testing.T, component, finalizers string) {
	t.Helper()
	pods := l.podsOf(t, component)
	require.NotEmpty(t, pods)
	for _, pod := range pods {
		patch := []byte(`{"metadata":{"finalizers":` + finalizers + `}}`)
		_, err := l.client.CoreV1().Pods(l.namespace).Patch(context.Background(), pod.Name, types.MergePatchType, patch, meta.PatchOptions{})
		require.NoError(t, err)
	}
}
