// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Kinds of objects that hold provisioning files.
const (
	ConfigMap = "ConfigMap"
	Secret    = "Secret"
)

// ProvisioningObject is a ConfigMap or Secret with provisioning files in it.
type ProvisioningObject struct {
	Kind, Namespace, Name string
	Labels                map[string]string
	// Release is the Helm release that the object belongs to, or "".
	Release string
	// Owner is the GitOps tool's object that manages it, if any.
	Owner kube.Owner
	// Files maps each key to its content.
	Files map[string][]byte
	// deleting is set while the object is being deleted.
	deleting bool
}

// String names the object: "ConfigMap monitoring/grafana-datasource-tempo".
func (o ProvisioningObject) String() string { return o.Kind + " " + o.Namespace + "/" + o.Name }

// Ours reports whether this collection made the object.
func (o ProvisioningObject) Ours() bool { return o.Labels[kube.ManagedByLabel] == kube.Manager }

// ProvisionedSource is a data source and where its provisioning file is.
type ProvisionedSource struct {
	Source Source
	Object ProvisioningObject
	Key    string
}

// ProvisionedSources reads the data sources of all objects. Files that are not
// provisioning files are skipped, as the sidecar's folder may be shared.
func ProvisionedSources(objects []ProvisioningObject) []ProvisionedSource {
	var all []ProvisionedSource
	for _, object := range objects {
		for _, key := range slices.Sorted(maps.Keys(object.Files)) {
			file, err := ReadFile(object.Files[key])
			if err != nil {
				continue
			}
			for _, source := range file.Sources {
				all = append(all, ProvisionedSource{Source: source, Object: object, Key: key})
			}
		}
	}
	return all
}

// ProvisioningReader reads the provisioning objects of a cluster. It has no
// method that writes.
type ProvisioningReader struct{ clients kube.Clients }

// NewProvisioningReader returns what can only read.
func NewProvisioningReader(clients kube.Clients) ProvisioningReader {
	return ProvisioningReader{clients}
}

// Object reads one object; nil when there is none, or one that is being deleted
// and only waits for its finalizers.
func (r ProvisioningReader) Object(ctx context.Context, kind, namespace, name string) (*ProvisioningObject, error) {
	found, err := readObject(ctx, r.clients.Core, kind, namespace, name)
	if apierrors.IsNotFound(err) || err == nil && found.deleting {
		return nil, nil
	}
	if err != nil {
		return nil, kube.Fault("read "+kind+" "+namespace+"/"+name, err)
	}
	return found, nil
}

func readObject(ctx context.Context, client core.CoreV1Interface, kind, namespace, name string) (*ProvisioningObject, error) {
	if kind == Secret {
		found, err := client.Secrets(namespace).Get(ctx, name, meta.GetOptions{})
		if err != nil {
			return nil, err
		}
		return newObject(kind, found.ObjectMeta, found.Data), nil
	}
	found, err := client.ConfigMaps(namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return nil, err
	}
	return newObject(kind, found.ObjectMeta, plain(found.Data)), nil
}

func newObject(kind string, about meta.ObjectMeta, files map[string][]byte) *ProvisioningObject {
	return &ProvisioningObject{Kind: kind, Namespace: about.Namespace, Name: about.Name, Labels: about.Labels,
		Release: about.Annotations["meta.helm.sh/release-name"], Owner: kube.OwnerOf(&about), Files: files, deleting: about.DeletionTimestamp != nil}
}

func plain(texts map[string]string) map[string][]byte {
	files := map[string][]byte{}
	for key, text := range texts {
		files[key] = []byte(text)
	}
	return files
}

// Objects reads all that the sidecar takes, ConfigMaps first, by name.
func (r ProvisioningReader) Objects(ctx context.Context, sidecar Sidecar) ([]ProvisioningObject, error) {
	var all []ProvisioningObject
	options := meta.ListOptions{LabelSelector: sidecar.Selector()}
	if sidecar.Takes(ConfigMap) {
		found, err := r.clients.Core.ConfigMaps(sidecar.Namespace).List(ctx, options)
		if err != nil {
			return nil, kube.Fault("list ConfigMaps in namespace "+sidecar.Namespace, err)
		}
		for _, item := range found.Items {
			all = append(all, *newObject(ConfigMap, item.ObjectMeta, plain(item.Data)))
		}
	}
	if sidecar.Takes(Secret) {
		found, err := r.clients.Core.Secrets(sidecar.Namespace).List(ctx, options)
		if err != nil {
			return nil, kube.Fault("list Secrets in namespace "+sidecar.Namespace, err)
		}
		for _, item := range found.Items {
			all = append(all, *newObject(Secret, item.ObjectMeta, item.Data))
		}
	}
	return all, nil
}
