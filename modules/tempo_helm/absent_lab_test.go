// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Removal deletes the release and the module's own Secret. Volumes and the
// namespace are deleted only on request, and what belongs to others stays.
func TestAbsent(t *testing.T) {
	lab := newLab(t)
	present := lab.task(t, map[string]any{"persistence": map[string]any{"size": "1Gi"}})
	absent := lab.task(t, map[string]any{"state": "absent", "s3": nil})
	testkit.Unchanged(t, absent.Apply(t))

	testkit.Changed(t, present.Apply(t))
	theirs := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: "theirs"}}
	_, err := lab.client.CoreV1().Secrets(lab.namespace).Create(t.Context(), theirs, meta.CreateOptions{})
	require.NoError(t, err)
	testkit.FourRuns(t, absent)
	require.Equal(t, []string{"theirs"}, lab.secrets(t))
	lab.ready(t, 0, 0)
	require.Equal(t, []string{"storage-tempo-0"}, lab.claims(t), "spans that are not flushed yet are kept")

	testkit.FourRuns(t, absent.With(map[string]any{"remove_volumes": true}))
	require.Eventually(t, func() bool { return len(lab.claims(t)) == 0 }, patience, quarter)

	testkit.Changed(t, present.Apply(t))
	testkit.FourRuns(t, absent.With(map[string]any{"remove_volumes": true, "remove_namespace": true}))
	_, err = lab.client.CoreV1().Namespaces().Get(t.Context(), lab.namespace, meta.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "the run waited until the namespace was gone")
}

// A user's own Secret is used as it is, and stays.
func TestExistingSecret(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	mine := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: "mine"}, StringData: map[string]string{"AWS_ACCESS_KEY_ID": accessKey}}
	mine, err := lab.client.CoreV1().Secrets(lab.namespace).Create(t.Context(), mine, meta.CreateOptions{})
	require.NoError(t, err)
	task := lab.task(t, map[string]any{"s3": s3(map[string]any{"access_key": nil, "secret_key": nil, "existing_secret": "mine"})})
	require.Equal(t, "not_found: secret mine of s3.existing_secret has no entry AWS_SECRET_ACCESS_KEY", testkit.Failed(t, task.Apply(t)))

	mine.StringData = map[string]string{"AWS_SECRET_ACCESS_KEY": secretKey}
	mine, err = lab.client.CoreV1().Secrets(lab.namespace).Update(t.Context(), mine, meta.UpdateOptions{})
	require.NoError(t, err)
	testkit.FourRuns(t, task)
	require.Equal(t, "mine", lab.pod(t).Spec.Containers[0].EnvFrom[0].SecretRef.Name)

	mine.StringData = map[string]string{"AWS_SECRET_ACCESS_KEY": secretKey + "-rotated"}
	_, err = lab.client.CoreV1().Secrets(lab.namespace).Update(t.Context(), mine, meta.UpdateOptions{})
	require.NoError(t, err)
	before := lab.pod(t).UID
	testkit.FourRuns(t, task)
	require.NotEqual(t, before, lab.pod(t).UID, "a rotated key restarts the pods")
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent"}))
	require.Equal(t, []string{"mine"}, lab.secrets(t))
}
