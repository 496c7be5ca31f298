// SPDX-License-Identifier: AGPL-3.0-or-later

package fakenode_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/picluster/tracing/molecule/lab/internal/fakenode"
)

func pod(name, node string, labels map[string]string, going bool) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("of-" + name), Labels: labels}, Spec: corev1.PodSpec{NodeName: node}}
	if going {
		pod.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	}
	return pod
}

// The pods that others end come before the one that is ended here, so they would be gone by then.
func TestDeletedPodsOfSimulatedNodesAreEndedByUID(t *testing.T) {
	client := fake.NewClientset(
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "pi1", Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"}}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "real"}},
		pod("a-kubelet-ends-it", "real", nil, true),
		pod("b-the-helm-runner-ends-it", "pi1", map[string]string{"helmcharts.helm.cattle.io/chart": "traefik"}, true),
		pod("c-it-stays", "pi1", nil, false),
		pod("d-0", "pi1", nil, true),
	)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go fakenode.EndPods(ctx, client, slog.New(slog.DiscardHandler)) //nolint:errcheck // an error shows in that nothing is ended
	var ended []clienttesting.DeleteActionImpl
	require.Eventually(t, func() bool {
		ended = nil
		for _, action := range client.Actions() {
			if deleted, ok := action.(clienttesting.DeleteActionImpl); ok {
				ended = append(ended, deleted)
			}
		}
		return len(ended) > 0
	}, time.Minute, 10*time.Millisecond)
	for _, action := range ended {
		require.Equal(t, "d-0", action.Name)
		require.Equal(t, types.UID("of-d-0"), *action.DeleteOptions.Preconditions.UID)
		require.Zero(t, *action.DeleteOptions.GracePeriodSeconds)
	}
}
