// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	applied "k8s.io/client-go/applyconfigurations/core/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/picluster/tracing/modules/internal/kube"
)

// Kinds of objects that hold provisioning files.
const (
	ConfigMap = "ConfigMap"
	Secret    = "Secret"
)

// Holder is a ConfigMap or Secret with provisioning files in it.
type Holder struct {
	Kind, Namespace, Name string
	Labels                map[string]string
	// Release is the Helm release that the object belongs to, or "".
	Release string
	// Owner is the GitOps tool's object that keeps it, if any.
	Owner kube.Owner
	// Files maps each key to its content.
	Files map[string][]byte
}

// String names the object: "ConfigMap monitoring/grafana-datasource-tempo".
func (h Holder) String() string { return h.Kind + " " + h.Namespace + "/" + h.Name }

// Ours reports whether this collection made the object.
func (h Holder) Ours() bool { return h.Labels[kube.ManagedByLabel] == kube.Manager }

// ReadHolder reads one object; nil when there is none.
func ReadHolder(ctx context.Context, client core.CoreV1Interface, kind, namespace, name string) (*Holder, error) {
	held, err := readHolder(ctx, client, kind, namespace, name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, kube.Fault("read "+kind+" "+namespace+"/"+name, err)
	}
	return held, nil
}

func readHolder(ctx context.Context, client core.CoreV1Interface, kind, namespace, name string) (*Holder, error) {
	if kind == Secret {
		found, err := client.Secrets(namespace).Get(ctx, name, meta.GetOptions{})
		if err != nil {
			return nil, err
		}
		return holder(kind, found.ObjectMeta, found.Data), nil
	}
	found, err := client.ConfigMaps(namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return nil, err
	}
	return holder(kind, found.ObjectMeta, plain(found.Data)), nil
}

func holder(kind string, about meta.ObjectMeta, files map[string][]byte) *Holder {
	return &Holder{Kind: kind, Namespace: about.Namespace, Name: about.Name, Labels: about.Labels,
		Release: about.Annotations["meta.helm.sh/release-name"], Owner: kube.OwnerOf(&about), Files: files}
}

func plain(texts map[string]string) map[string][]byte {
	files := map[string][]byte{}
	for key, text := range texts {
		files[key] = []byte(text)
	}
	return files
}

// ListHolders reads all that the sidecar takes, ConfigMaps first, by name.
func ListHolders(ctx context.Context, client core.CoreV1Interface, sidecar Sidecar) ([]Holder, error) {
	var all []Holder
	options := meta.ListOptions{LabelSelector: sidecar.Selector()}
	if sidecar.Takes(ConfigMap) {
		found, err := client.ConfigMaps(sidecar.Namespace).List(ctx, options)
		if err != nil {
			return nil, kube.Fault("list ConfigMaps in namespace "+sidecar.Namespace, err)
		}
		for _, item := range found.Items {
			all = append(all, *holder(ConfigMap, item.ObjectMeta, plain(item.Data)))
		}
	}
	if sidecar.Takes(Secret) {
		found, err := client.Secrets(sidecar.Namespace).List(ctx, options)
		if err != nil {
			return nil, kube.Fault("list Secrets in namespace "+sidecar.Namespace, err)
		}
		for _, item := range found.Items {
			all = append(all, *holder(Secret, item.ObjectMeta, item.Data))
		}
	}
	return all, nil
}

// Held is a data source and where its provisioning file is.
type Held struct {
	Source Source
	Holder Holder
	Key    string
}

// AllHeld reads the data sources of all holders. Files that are no
// provisioning files are passed over, as the sidecar's folder may be shared.
func AllHeld(holders []Holder) []Held {
	var all []Held
	for _, held := range holders {
		for _, key := range slices.Sorted(maps.Keys(held.Files)) {
			file, err := ReadFile(held.Files[key])
			if err != nil {
				continue
			}
			for _, source := range file.Sources {
				all = append(all, Held{Source: source, Holder: held, Key: key})
			}
		}
	}
	return all
}

// PutHolder creates or replaces an object by server-side apply. The namespace
// has to be there.
func PutHolder(ctx context.Context, client core.CoreV1Interface, wanted Holder) error {
	doing := "write " + wanted.String()
	options := meta.ApplyOptions{FieldManager: kube.Manager, Force: true}
	if wanted.Kind == Secret {
		_, err := client.Secrets(wanted.Namespace).Apply(ctx,
			applied.Secret(wanted.Name, wanted.Namespace).WithLabels(wanted.Labels).WithData(wanted.Files), options)
		return kube.Fault(doing, err)
	}
	texts := map[string]string{}
	for key, content := range wanted.Files {
		texts[key] = string(content)
	}
	_, err := client.ConfigMaps(wanted.Namespace).Apply(ctx,
		applied.ConfigMap(wanted.Name, wanted.Namespace).WithLabels(wanted.Labels).WithData(texts), options)
	return kube.Fault(doing, err)
}

// DeleteHolder removes an object; none is well too.
func DeleteHolder(ctx context.Context, client core.CoreV1Interface, gone Holder) error {
	var err error
	if gone.Kind == Secret {
		err = client.Secrets(gone.Namespace).Delete(ctx, gone.Name, meta.DeleteOptions{})
	} else {
		err = client.ConfigMaps(gone.Namespace).Delete(ctx, gone.Name, meta.DeleteOptions{})
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return kube.Fault("delete "+gone.String(), err)
}
