// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	patience = 2 * time.Minute
	quarter  = 250 * time.Millisecond
)

// pod is the pod of a monolithic Tempo.
func (l lab) pod(t *testing.T) *core.Pod {
	t.Helper()
	pod, err := l.client.CoreV1().Pods(l.namespace).Get(t.Context(), "tempo-0", meta.GetOptions{})
	require.NoError(t, err)
	return pod
}

// secrets are the names of the namespace's Secrets.
func (l lab) secrets(t *testing.T) []string {
	t.Helper()
	list, err := l.client.CoreV1().Secrets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	names := []string{}
	for _, secret := range list.Items {
		names = append(names, secret.Name)
	}
	return names
}

// claims are the names of the volume claims.
func (l lab) claims(t *testing.T) []string {
	t.Helper()
	list, err := l.client.CoreV1().PersistentVolumeClaims(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	names := []string{}
	for _, claim := range list.Items {
		names = append(names, claim.Name)
	}
	return names
}

// key is the secret key that Tempo gets.
func (l lab) key(t *testing.T) string {
	t.Helper()
	secret, err := l.client.CoreV1().Secrets(l.namespace).Get(t.Context(), "tempo-s3-credentials", meta.GetOptions{})
	require.NoError(t, err)
	return string(secret.Data["AWS_SECRET_ACCESS_KEY"])
}
