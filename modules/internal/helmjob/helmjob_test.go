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
		"at work":              {"its pod runs", nil, nil, batch.JobStatus{Active: 1}, Active},
		"between two pods":     {"the next one comes", nil, nil, undone, Active},
		"complete":             {"its pod ended well", nil, nil, done, Complete},
		"not started":          {"the controller holds it", nil, &yes, batch.JobStatus{}, Suspended},
		"to be replaced":       {"nothing of it is left", replaced, &yes, batch.JobStatus{}, Abandoned},
		"the same, newer k8s":  {"which counts the pods that end", replaced, &yes, batch.JobStatus{Terminating: &zero}, Abandoned},
		"its pod still ends":   {"the controller waits for it", replaced, &yes, batch.JobStatus{Terminating: &one}, Suspended},
		"its pod still runs":   {"the controller waits for it", replaced, &yes, batch.JobStatus{Active: 1}, Suspended},
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

func TestHelmsWordInTheLogOfTheJob(t *testing.T) {
	cases := map[string]struct {
		reason, log, want string
	}{
		"upgrade":   {"the last line that is Helm's", "+ helm upgrade traefik --set password=hunter2\nError: UPGRADE FAILED: template: traefik/x.yaml:1: boom\n", "UPGRADE FAILED: template: traefik/x.yaml:1: boom"},
		"install":   {"with a time before it", "2026/01/01 Error: INSTALLATION FAILED: cannot re-use a name\n", "2026/01/01 Error: INSTALLATION FAILED: cannot re-use a name"},
		"retries":   {"the newest counts", "Error: first\nError: second\n", "second"},
		"no word":   {"commands may hold values, so they are not shown", "+ helm upgrade --set password=hunter2\nexit 1\n", ""},
		"no log":    {"nothing was read", "", ""},
		"succeeded": {"an echo of the word is none", "the word Error: is inside\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, helmError(c.log), c.reason) })
	}
}

// Waiting for another Helm is no failure: the kubelet restarts the pod.
func TestOperationOfAnotherJobIsNoFailure(t *testing.T) {
	cases := map[string]struct {
		reason, word string
		want         bool
	}{
		"upgrade of the job before": {"the controller stops that job; Helm in its pod still ends its work", "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", true},
		"Helm alone":                {"without the words of the helm command", "helm upgrade edge: another operation (install/upgrade/rollback) is in progress", true},
		"template":                  {"the same chart and values fail again", "UPGRADE FAILED: template: traefik/x.yaml:1: boom", false},
		"no word":                   {"nothing is known of it", "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, metAnotherHelm(c.word), c.reason) })
	}
}
