// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package traefik_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// In a namespace that accepts no more pods the controller's Job gets none: the
// wait ends in seconds, with Kubernetes' own words.
func TestJobWhosePodIsNeverCreated(t *testing.T) {
	l := newLab(t)
	l.install(t, "39.0.701+up39.0.7", "", nil)
	quota := &core.ResourceQuota{ObjectMeta: meta.ObjectMeta{Name: "none"}, Spec: core.ResourceQuotaSpec{Hard: core.ResourceList{core.ResourcePods: resource.MustParse("0")}}}
	_, err := l.clients.Core.ResourceQuotas(l.namespace).Create(t.Context(), quota, meta.CreateOptions{})
	require.NoError(t, err)
	begin := time.Now()
	result := l.task(map[string]any{"timeout": "20m"}).Apply(t)
	require.Contains(t, testkit.Failed(t, result), "exceeded quota: none")
	require.Contains(t, result["hint"], "raise the namespace's ResourceQuota")
	require.Less(t, time.Since(begin), 5*time.Minute)
}
