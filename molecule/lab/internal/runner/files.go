// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// mounts collects the files that a node would mount into a container.
type mounts struct {
	client    kubernetes.Interface
	namespace string
	files     map[string][]byte
}

// mountedFiles returns the content of every mounted file by its path in the container.
func mountedFiles(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, container corev1.Container) (map[string][]byte, error) {
	m := mounts{client: client, namespace: pod.Namespace, files: map[string][]byte{}}
	volumes := map[string]corev1.VolumeSource{}
	for _, volume := range pod.Spec.Volumes {
		volumes[volume.Name] = volume.VolumeSource
	}
	for _, mount := range container.VolumeMounts {
		if err := m.volume(ctx, mount.MountPath, volumes[mount.Name]); err != nil {
			return nil, fmt.Errorf("mount volume %s: %w", mount.Name, err)
		}
	}
	return m.files, nil
}

func (m mounts) volume(ctx context.Context, dir string, source corev1.VolumeSource) error {
	switch {
	case source.EmptyDir != nil:
		return nil
	case source.Secret != nil:
		return m.secret(ctx, dir, source.Secret.SecretName, source.Secret.Items, source.Secret.Optional)
	case source.ConfigMap != nil:
		return m.configMap(ctx, dir, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Projected != nil:
		return m.projected(ctx, dir, source.Projected.Sources)
	}
	return fmt.Errorf("the runner does not know this kind of volume")
}

func (m mounts) projected(ctx context.Context, dir string, sources []corev1.VolumeProjection) error {
	for _, source := range sources {
		var err error
		switch {
		case source.Secret != nil && len(source.Secret.Items) > 0:
			err = m.secret(ctx, dir, source.Secret.Name, source.Secret.Items, source.Secret.Optional)
		case source.ConfigMap != nil:
			err = m.configMap(ctx, dir, source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
		}
		// A service account's token and the cluster's CA are mounted too; the runner has them from elsewhere.
		if err != nil {
			return err
		}
	}
	return nil
}

func (m mounts) secret(ctx context.Context, dir, name string, items []corev1.KeyToPath, optional *bool) error {
	secret, err := m.client.CoreV1().Secrets(m.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return unless(optional, fmt.Errorf("read Secret %s/%s: %w", m.namespace, name, err))
	}
	return m.put(dir, "Secret "+name, secret.Data, items, optional)
}

func (m mounts) configMap(ctx context.Context, dir, name string, items []corev1.KeyToPath, optional *bool) error {
	config, err := m.client.CoreV1().ConfigMaps(m.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return unless(optional, fmt.Errorf("read ConfigMap %s/%s: %w", m.namespace, name, err))
	}
	data := map[string][]byte{}
	for key, text := range config.Data {
		data[key] = []byte(text)
	}
	return m.put(dir, "ConfigMap "+name, data, items, optional)
}

// put takes the named keys, or all of them when none is named.
func (m mounts) put(dir, from string, data map[string][]byte, items []corev1.KeyToPath, optional *bool) error {
	if len(items) == 0 {
		for key, content := range data {
			m.files[path.Join(dir, key)] = content
		}
		return nil
	}
	for _, item := range items {
		content, ok := data[item.Key]
		if !ok {
			if err := unless(optional, fmt.Errorf("%s has no key %s", from, item.Key)); err != nil {
				return err
			}
			continue
		}
		m.files[path.Join(dir, item.Path)] = content
	}
	return nil
}

func unless(optional *bool, err error) error {
	if optional != nil && *optional {
		return nil
	}
	return err
}

// writeFiles writes the mounted files below a folder of this machine, readable only by the runner.
func writeFiles(root string, files map[string][]byte) error {
	for name, content := range files {
		target := filepath.Join(root, filepath.Clean("/"+name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := os.WriteFile(target, content, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
