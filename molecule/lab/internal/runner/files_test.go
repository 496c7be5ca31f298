// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestMountedFiles(t *testing.T) {
	yes := true
	values := &corev1.Secret{ObjectMeta: named("chart-values-traefik"), Data: map[string][]byte{"HelmChartValuesContent": []byte("a: 1"), "HelmChartConfigValuesContent": []byte("a: 2")}}
	content := &corev1.ConfigMap{ObjectMeta: named("chart-content-traefik"), Data: map[string]string{"traefik.tgz.base64": "AAAA"}}
	projected := func(sources ...corev1.VolumeProjection) corev1.VolumeSource {
		return corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: sources}}
	}
	secret := func(name string, optional *bool, items ...corev1.KeyToPath) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Items: items, Optional: optional}}
	}
	cases := map[string]struct {
		reason string
		source corev1.VolumeSource
		want   map[string][]byte
		fails  string
	}{
		"values of chart and config": {
			reason: "the names determine the order in which Helm merges them",
			source: projected(secret("chart-values-traefik", nil,
				corev1.KeyToPath{Key: "HelmChartValuesContent", Path: "values-0-000-HelmChart-ValuesContent.yaml"},
				corev1.KeyToPath{Key: "HelmChartConfigValuesContent", Path: "values-1-000-HelmChartConfig-ValuesContent.yaml"})),
			want: map[string][]byte{
				"/config/values-0-000-HelmChart-ValuesContent.yaml":       []byte("a: 1"),
				"/config/values-1-000-HelmChartConfig-ValuesContent.yaml": []byte("a: 2"),
			},
		},
		"no values": {reason: "a HelmChart without values has no key", source: projected(secret("chart-values-traefik", nil)), want: map[string][]byte{}},
		"content": {
			reason: "spec.chartContent",
			source: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "chart-content-traefik"}}},
			want:   map[string][]byte{"/config/traefik.tgz.base64": []byte("AAAA")},
		},
		"missing Secret":   {reason: "a node waits for it", source: projected(secret("mine", nil, corev1.KeyToPath{Key: "a", Path: "b"})), fails: "read Secret kube-system/mine"},
		"missing optional": {reason: "ignoreUpdates makes it optional", source: projected(secret("mine", &yes, corev1.KeyToPath{Key: "a", Path: "b"})), want: map[string][]byte{}},
		"missing key":      {reason: "a node waits for it", source: projected(secret("chart-values-traefik", nil, corev1.KeyToPath{Key: "a", Path: "b"})), fails: "Secret chart-values-traefik has no key a"},
		"host folder":      {reason: "the controller never uses one", source: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}, fails: "does not know"},
		"memory":           {reason: "it is empty", source: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}, want: map[string][]byte{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			container := corev1.Container{VolumeMounts: []corev1.VolumeMount{{Name: "v", MountPath: "/config"}}}
			pod := &corev1.Pod{ObjectMeta: named("pod"), Spec: corev1.PodSpec{Volumes: []corev1.Volume{{Name: "v", VolumeSource: c.source}}}}
			got, err := mountedFiles(t.Context(), fake.NewClientset(values, content), pod, container)
			if c.fails != "" {
				require.ErrorContains(t, err, c.fails, c.reason)
				return
			}
			require.NoError(t, err, c.reason)
			require.Equal(t, c.want, got, c.reason)
		})
	}
}

func TestWriteFilesStaysBelowItsFolder(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	require.NoError(t, writeFiles(root, map[string][]byte{"/config/../../escape": []byte("x"), "/config/a": []byte("y")}))
	require.NoFileExists(t, filepath.Join(filepath.Dir(root), "escape"))
	info, err := os.Stat(filepath.Join(root, "config", "a"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: "kube-system"}
}
