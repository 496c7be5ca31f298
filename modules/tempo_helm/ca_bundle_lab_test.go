// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// The CA of the object storage reaches every component of Tempo in the way that
// its version supports, restarts the pods when it is renewed, and is removed when
// nothing needs it any more.
func TestCA(t *testing.T) {
	lab := newLab(t)
	trusting := func(ca string) map[string]any {
		return map[string]any{"resources": "raspberrypi", "receivers": []any{"otlp_grpc"}, "s3": s3(map[string]any{"ca_cert": ca})}
	}
	first, renewed := newCA(t), newCA(t)
	testkit.Changed(t, lab.distributed(t, "0.27.9", trusting(first)).Apply(t))
	require.Equal(t, first, lab.caBundle(t))
	for name, container := range lab.tempos(t, 5) {
		require.Contains(t, container.VolumeMounts, core.VolumeMount{Name: "s3-ca", MountPath: "/etc/picluster-tracing/s3-ca", ReadOnly: true}, name)
		require.Contains(t, container.Env, core.EnvVar{Name: "SSL_CERT_DIR", Value: "/etc/picluster-tracing/s3-ca"}, name)
	}
	require.NotContains(t, lab.config(t), "tls_ca_path", "Tempo 1.5 would not start with it")

	task := lab.distributed(t, "2.26.2", trusting(first))
	testkit.FourRuns(t, task)
	for name, container := range lab.tempos(t, 5) {
		require.Contains(t, container.VolumeMounts, core.VolumeMount{Name: "s3-ca", MountPath: "/etc/picluster-tracing/s3-ca", ReadOnly: true}, name)
		require.NotContains(t, container.Env, core.EnvVar{Name: "SSL_CERT_DIR", Value: "/etc/picluster-tracing/s3-ca"}, name)
	}
	require.Contains(t, lab.config(t), "tls_ca_path: /etc/picluster-tracing/s3-ca/ca.crt")
	lab.Requests()
	testkit.Unchanged(t, task.Apply(t))
	require.LessOrEqual(t, len(lab.Requests()), 6, "it is read with the credentials")

	before := lab.pods(t)
	testkit.Changed(t, lab.distributed(t, "2.26.2", trusting(renewed)).Apply(t))
	require.Equal(t, renewed, lab.caBundle(t))
	for name := range lab.pods(t) {
		require.NotContains(t, before, name, "Tempo reads it only at startup")
	}

	testkit.Changed(t, lab.distributed(t, "2.26.2", trusting("")).Apply(t))
	require.Equal(t, []string{"tempo-s3-credentials"}, lab.ownSecrets(t))
	require.NotContains(t, lab.config(t), "tls_ca_path")
}

// Removal deletes the Secret too, but does not touch somebody else's.
func TestCAIsOwned(t *testing.T) {
	lab := newLab(t)
	lab.makeNamespace(t)
	theirs := &core.Secret{ObjectMeta: meta.ObjectMeta{Name: "tempo-s3-ca"}}
	_, err := lab.client.CoreV1().Secrets(lab.namespace).Create(t.Context(), theirs, meta.CreateOptions{})
	require.NoError(t, err)
	task := lab.task(t, map[string]any{"s3": s3(map[string]any{"ca_cert": newCA(t)})})
	require.Equal(t, "conflict: secret tempo-s3-ca exists and is not this module's", testkit.Failed(t, task.Apply(t)))
	require.NoError(t, lab.client.CoreV1().Secrets(lab.namespace).Delete(t.Context(), "tempo-s3-ca", meta.DeleteOptions{}))
	testkit.FourRuns(t, task)
	testkit.FourRuns(t, task.With(map[string]any{"state": "absent", "s3": nil}))
	require.Empty(t, lab.secrets(t))
}

// newCA is a certificate in PEM form.
func newCA(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
}

// caBundle is the CA that is stored for the pods.
func (l lab) caBundle(t *testing.T) string {
	t.Helper()
	secret, err := l.client.CoreV1().Secrets(l.namespace).Get(t.Context(), "tempo-s3-ca", meta.GetOptions{})
	require.NoError(t, err)
	return string(secret.Data["ca.crt"])
}

// config is Tempo's configuration in microservices mode.
func (l lab) config(t *testing.T) string {
	t.Helper()
	config, err := l.client.CoreV1().ConfigMaps(l.namespace).Get(t.Context(), "tempo-config", meta.GetOptions{})
	require.NoError(t, err)
	return config.Data["tempo.yaml"]
}

// tempos are the first containers of all workloads but the cache, by name.
func (l lab) tempos(t *testing.T, count int) map[string]core.Container {
	t.Helper()
	found := map[string]core.Container{}
	deployments, err := l.client.AppsV1().Deployments(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, d := range deployments.Items {
		found[d.Name] = d.Spec.Template.Spec.Containers[0]
	}
	sets, err := l.client.AppsV1().StatefulSets(l.namespace).List(t.Context(), meta.ListOptions{})
	require.NoError(t, err)
	for _, s := range sets.Items {
		found[s.Name] = s.Spec.Template.Spec.Containers[0]
	}
	delete(found, "tempo-memcached")
	require.Len(t, found, count)
	return found
}

// pods are the UIDs of Tempo's running pods, without the cache's.
func (l lab) pods(t *testing.T) map[string]bool {
	t.Helper()
	list, err := l.client.CoreV1().Pods(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "app.kubernetes.io/component!=memcached"})
	require.NoError(t, err)
	found := map[string]bool{}
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			found[string(pod.UID)] = true
		}
	}
	return found
}

// ownSecrets are the names of the Secrets that are not Helm's records.
func (l lab) ownSecrets(t *testing.T) []string {
	t.Helper()
	list, err := l.client.CoreV1().Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner!=helm"})
	require.NoError(t, err)
	names := []string{}
	for _, secret := range list.Items {
		names = append(names, secret.Name)
	}
	return names
}
