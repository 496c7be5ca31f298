// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
)

func TestFromStatefulSetCountsNewPods(t *testing.T) {
	status := apps.StatefulSetStatus{Replicas: 1, ReadyReplicas: 1, CurrentRevision: "a", UpdateRevision: "a"}
	require.Equal(t, "0 of 1 pods are new", FromStatefulSet(apps.StatefulSet{Status: status}).Lag, "it took over a pod of another template, which it will replace")
	status.UpdatedReplicas = 1
	require.True(t, FromStatefulSet(apps.StatefulSet{Status: status}).Done())
}
