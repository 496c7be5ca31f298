// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Pods that are never created, or never get their volume, end the wait in
// seconds with Kubernetes' own words, and in the next run too.
func TestPodsThatCannotBeCreated(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		// hinder makes a namespace in which no pod is created.
		hinder  func(t *testing.T, lab lab)
		options map[string]any
		want    string
	}{
		"PodSecurity":                 {"Tempo's pods do not name a user", labelled, nil, `violates PodSecurity "restricted:latest"`},
		"PodSecurity of a Deployment": {"its condition says so", labelled, map[string]any{"mode": "microservices", "chart_version": "2.26.2"}, `violates PodSecurity "restricted:latest"`},
		"quota":                       {"no pod at all", limited, nil, "exceeded quota: none"},
		"storage class":               {"there is no class of that name", func(t *testing.T, lab lab) { t.Helper(); lab.makeNamespace(t) }, map[string]any{"persistence": map[string]any{"size": "1Gi", "storage_class": "nowhere"}}, `storageclass.storage.k8s.io "nowhere" not found`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			test.hinder(t, lab)
			task := lab.task(t, test.options).With(map[string]any{"wait_timeout": "20m"})
			for range 2 {
				begin := time.Now()
				require.Contains(t, testkit.Failed(t, task.Apply(t)), test.want, test.reason)
				require.Less(t, time.Since(begin), 5*time.Minute)
			}
		})
	}
}

func labelled(t *testing.T, lab lab) {
	t.Helper()
	_, err := lab.client.CoreV1().Namespaces().Create(t.Context(), &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: lab.namespace,
		Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}, meta.CreateOptions{})
	require.NoError(t, err)
}

func limited(t *testing.T, lab lab) {
	t.Helper()
	lab.makeNamespace(t)
	quota := &core.ResourceQuota{ObjectMeta: meta.ObjectMeta{Name: "none"}, Spec: core.ResourceQuotaSpec{Hard: core.ResourceList{core.ResourcePods: resource.MustParse("0")}}}
	_, err := lab.client.CoreV1().ResourceQuotas(lab.namespace).Create(t.Context(), quota, meta.CreateOptions{})
	require.NoError(t, err)
}
