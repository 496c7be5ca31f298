// SPDX-License-Identifier: AGPL-3.0-or-later

package helmjob

import (
	"testing"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestStateOfTheJob(t *testing.T) {
	yes, one, zero := true, int32(1), int32(0)
	replaced := map[string]string{ReplaceAnnotation: "true"}
	done := batch.JobStatus{Conditions: []batch.JobCondition{{Type: batch.JobComplete, Status: core.ConditionTrue}}}
	undone := batch.JobStatus{Conditions: []batch.JobCondition{{Type: batch.JobComplete, Status: core.ConditionFalse}}}
	cases := map[string]struct {
		reason      string
		annotations map[string]string
		suspend     *bool
		status      batch.JobStatus
		want        State
	}{
		"active":               {"its pod runs", nil, nil, batch.JobStatus{Active: 1}, Active},
		"between two pods":     {"the next pod is about to start", nil, nil, undone, Active},
		"complete":             {"its pod succeeded", nil, nil, done, Complete},
		"not started":          {"the controller has suspended it", nil, &yes, batch.JobStatus{}, Suspended},
		"to be replaced":       {"its pod is gone", replaced, &yes, batch.JobStatus{}, Abandoned},
		"the same, newer k8s":  {"newer Kubernetes counts terminating pods", replaced, &yes, batch.JobStatus{Terminating: &zero}, Abandoned},
		"pod terminating":      {"the controller waits for it", replaced, &yes, batch.JobStatus{Terminating: &one}, Suspended},
		"pod running":          {"the controller waits for it", replaced, &yes, batch.JobStatus{Active: 1}, Suspended},
		"complete before stop": {"there is nothing to replace", replaced, &yes, done, Complete},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			made := &batch.Job{ObjectMeta: meta.ObjectMeta{Annotations: c.annotations}, Spec: batch.JobSpec{Suspend: c.suspend}, Status: c.status}
			require.Equal(t, c.want, StateOf(made), c.reason)
		})
	}
	require.Equal(t, Absent, StateOf(nil))
}

func TestHelmErrorInTheJobLog(t *testing.T) {
	cases := map[string]struct {
		reason, log, want string
	}{
		"upgrade":    {"the last line of Helm", "+ helm upgrade traefik --set password=hunter2\nError: UPGRADE FAILED: template: traefik/x.yaml:1: boom\n", "UPGRADE FAILED: template: traefik/x.yaml:1: boom"},
		"install":    {"with a timestamp before it", "2026/01/01 Error: INSTALLATION FAILED: cannot re-use a name\n", "2026/01/01 Error: INSTALLATION FAILED: cannot re-use a name"},
		"retries":    {"the newest line counts", "Error: first\nError: second\n", "second"},
		"no message": {"commands can hold values, so they are not shown", "+ helm upgrade --set password=hunter2\nexit 1\n", ""},
		"no log":     {"there is no log", "", ""},
		"succeeded":  {"an echoed word is not an error", "the word Error: is inside\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, helmError(c.log), c.reason) })
	}
}

// Waiting for another Helm is no failure: the kubelet restarts the pod.
func TestOperationInProgressIsNotAFailure(t *testing.T) {
	cases := map[string]struct {
		reason, word string
		want         bool
	}{
		"upgrade of the job before": {"the controller stops that job, but Helm in its pod still finishes its work", "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", true},
		"Helm alone":                {"without the prefix of the helm command", "helm upgrade edge: another operation (install/upgrade/rollback) is in progress", true},
		"template":                  {"the same chart and values fail again", "UPGRADE FAILED: template: traefik/x.yaml:1: boom", false},
		"no message":                {"nothing is known about it", "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, metAnotherHelm(c.word), c.reason) })
	}
}
