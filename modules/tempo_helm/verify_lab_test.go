// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// jobsMade is how many Jobs a run created, all of which are gone.
func (l lab) jobsMade(t *testing.T) (count int) {
	t.Helper()
	for _, line := range l.Requests() {
		if strings.HasPrefix(line, "POST") && strings.Contains(line, "/jobs") {
			count++
		}
	}
	jobs, err := l.client.BatchV1().Jobs(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, job := range jobs.Items {
		require.NotNil(t, job.DeletionTimestamp, "%s stays", job.Name)
	}
	return count
}

// A Job is created if there is a configuration that no pod has read yet, and at
// no other time.
func TestJobReadsANewConfiguration(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"verify_job": true})
	lab.Requests()
	testkit.Changed(t, task.Check(t))
	require.Zero(t, lab.jobsMade(t), "check mode creates none")
	testkit.Changed(t, task.Apply(t))
	require.Equal(t, 1, lab.jobsMade(t), "a new release")
	testkit.Unchanged(t, task.Check(t))
	testkit.Unchanged(t, task.Apply(t))
	require.Zero(t, lab.jobsMade(t), "nothing to do")
	changes := map[string]struct {
		change map[string]any
		jobs   int
	}{
		"another configuration": {map[string]any{"retention": "48h"}, 1},
		"other pods":            {map[string]any{"retention": "48h", "resources": "raspberrypi"}, 0},
		"left out":              {map[string]any{"retention": "24h", "verify_config": false}, 0},
	}
	for _, name := range []string{"another configuration", "other pods", "left out"} {
		testkit.Changed(t, task.With(changes[name].change).Apply(t))
		require.Equal(t, changes[name].jobs, lab.jobsMade(t), name)
	}
}

// podOfTheJob answers for the pod of a Job, which has no container here.
func podOfTheJob(status string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Query().Get("labelSelector"), "controller-uid=") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"p"},"status":{"containerStatuses":[{"name":"verify","state":%s}]}}]}`, status)
	}
}

// Tempo's answer decides, before anything is done to the release.
func TestRefusedConfigurationIsNotRolledOut(t *testing.T) {
	lab := newLab(t)
	task := lab.task(t, map[string]any{"verify_job": true})
	lab.Handle(podOfTheJob(`{"terminated":{"exitCode":0}}`))
	require.NotContains(t, fmt.Sprint(testkit.Changed(t, task.Apply(t))["warnings"]), "verify_job")
	lab.Requests()

	lab.Handle(podOfTheJob(`{"terminated":{"exitCode":1,"message":"failed parsing config: yaml: line 3: cannot unmarshal !!str into int"}}`))
	change := task.With(map[string]any{"retention": "48h"})
	result := change.Apply(t)
	require.Contains(t, testkit.Failed(t, result), "Tempo (docker.io/grafana/tempo:2.10.8) does not start with the configuration that the chart renders: failed parsing config: yaml: line 3: cannot unmarshal !!str into int")
	require.Contains(t, result["hint"], "verify_job: false")
	require.Equal(t, 1, lab.jobsMade(t))
	require.Len(t, lab.history(t), 1, "nothing was upgraded")

	lab.Handle(podOfTheJob(`{"waiting":{"reason":"ImagePullBackOff","message":"no route"}}`))
	require.Contains(t, fmt.Sprint(testkit.Changed(t, change.Apply(t))["warnings"]), "no Job could tell whether Tempo starts with the new configuration, so only the names of its fields were checked: its pod does not start: ImagePullBackOff: no route")
	require.Len(t, lab.history(t), 2)
}

// Without the right to create Jobs, a run goes on without one.
func TestWithoutTheRightToMakeJobs(t *testing.T) {
	lab := newLab(t)
	lab.Handle(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, "/jobs") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"jobs.batch is forbidden","reason":"Forbidden","code":403}`))
	})
	result := testkit.Changed(t, lab.task(t, map[string]any{"verify_job": true}).Apply(t))
	require.Contains(t, fmt.Sprint(result["warnings"]), "jobs.batch is forbidden")
}
