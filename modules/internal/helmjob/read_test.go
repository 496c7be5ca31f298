// SPDX-License-Identifier: AGPL-3.0-or-later

package helmjob

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/kube"
)

// cluster is an API server with one job, its pods and their logs.
func cluster(t *testing.T, job *batch.Job, pods []core.Pod, log string) kube.Reader {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/log"):
			_, _ = w.Write([]byte(log))
		case strings.HasSuffix(r.URL.Path, "/pods"):
			_ = json.NewEncoder(w).Encode(core.PodList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Items: pods})
		case job == nil || !strings.HasSuffix(r.URL.Path, "/namespaces/kube-system/jobs/helm-install-traefik"):
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(meta.Status{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: meta.StatusFailure, Reason: meta.StatusReasonNotFound, Code: http.StatusNotFound})
		default:
			job.TypeMeta = meta.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}
			_ = json.NewEncoder(w).Encode(job)
		}
	}))
	t.Cleanup(server.Close)
	clients, err := kube.NewClients(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return clients.Reader()
}

func ended(message string) []core.Pod {
	end := &core.ContainerStateTerminated{ExitCode: 1, Message: message}
	return []core.Pod{{ObjectMeta: meta.ObjectMeta{Namespace: "kube-system", Name: "helm-install-traefik-abcde"},
		Status: core.PodStatus{ContainerStatuses: []core.ContainerStatus{{LastTerminationState: core.ContainerState{Terminated: end}}}}}}
}

func TestRead(t *testing.T) {
	at := meta.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	working := batch.Job{ObjectMeta: meta.ObjectMeta{Namespace: "kube-system", Name: "helm-install-traefik", UID: "1"}, Status: batch.JobStatus{Active: 1}}
	working.Spec.Template.Annotations = map[string]string{HashAnnotation: "SHA256=AB"}
	complete, exhausted := working, working
	complete.Status = batch.JobStatus{CompletionTime: &at, Conditions: []batch.JobCondition{{Type: batch.JobComplete, Status: core.ConditionTrue}}}
	exhausted.Status = batch.JobStatus{Conditions: []batch.JobCondition{{Type: batch.JobFailed, Status: core.ConditionTrue}}}
	read := func(state State, reason string) Job {
		return Job{Name: "helm-install-traefik", State: state, Reason: reason, Hash: "SHA256=AB", UID: "1"}
	}
	done := read(Complete, "")
	done.Ended = at.Time
	cases := map[string]struct {
		reason string
		job    *batch.Job
		pods   []core.Pod
		log    string
		want   Job
		says   string
	}{
		"absent":     {"the controller replaces it", nil, nil, "", Job{Name: "helm-install-traefik", State: Absent}, "the job helm-install-traefik does not exist yet"},
		"active":     {"its pod runs", &working, nil, "", read(Active, ""), "the job helm-install-traefik is running"},
		"complete":   {"pods are not read", &complete, ended("Error: boom"), "", done, "the Helm controller has not replaced the job helm-install-traefik yet"},
		"failing":    {"from the pod's last message", &working, ended("Error: UPGRADE FAILED: boom"), "", read(Active, "UPGRADE FAILED: boom"), ""},
		"by log":     {"the termination message is empty", &working, ended(""), "+ helm upgrade\nError: UPGRADE FAILED: bang\n", read(Active, "UPGRADE FAILED: bang"), ""},
		"no message": {"neither message nor log says why", &working, ended(""), "", read(Active, "its pod helm-install-traefik-abcde failed"), ""},
		"another":    {"another Helm operation was in progress", &working, ended("Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress"), "", read(Active, ""), ""},
		"exhausted":  {"the Job's own message", &exhausted, nil, "", read(Active, "it has reached its backoff limit"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Read(t.Context(), cluster(t, c.job, c.pods, c.log), "kube-system", "traefik")
			require.NoError(t, err)
			got.Ended = got.Ended.UTC()
			c.want.Ended = c.want.Ended.UTC()
			require.Equal(t, c.want, got, c.reason)
			if c.says != "" {
				require.Equal(t, c.says, got.String())
			}
		})
	}
}
