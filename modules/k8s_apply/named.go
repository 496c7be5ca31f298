// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// named refuses a manifest that does not say which object it is. A value that is not text
// would be read as empty: an object with namespace: 7 would go to the
// default namespace.
func named(object *unstructured.Unstructured) error {
	if _, isMap := object.Object["metadata"].(map[string]any); !isMap && object.Object["metadata"] != nil {
		return errors.New("metadata must be a dictionary")
	}
	if object.GetKind() == "List" && object.Object["items"] != nil {
		return errors.New("items must be a list")
	}
	for _, field := range []struct {
		name   string
		path   []string
		needed bool
	}{
		{"apiVersion", []string{"apiVersion"}, true}, {"kind", []string{"kind"}, true},
		{"metadata.name", []string{"metadata", "name"}, true}, {"metadata.namespace", []string{"metadata", "namespace"}, false},
	} {
		value, _, _ := unstructured.NestedFieldNoCopy(object.Object, field.path...)
		if err := nameText(field.name, value, field.needed); err != nil {
			return err
		}
	}
	return nil
}

// once refuses two manifests of one object that ask for different things: each run
// would change what the other one has set. The same manifest twice, as from a folder
// and a file in it, is one.
func once(manifests []manifest) (all []manifest, err error) {
	seen := map[string]manifest{}
	for _, one := range manifests {
		key := identity(one.object)
		first, ok := seen[key]
		switch {
		case !ok:
			seen[key], all = one, append(all, one)
		case !reflect.DeepEqual(first.object.Object, one.object.Object):
			return nil, fault.New(fault.Usage, "make one manifest of the two, or leave one out",
				"read the manifests: %s is described twice, in %s and in %s", kube.RefOf(one.object), first.from, one.from)
		}
	}
	return all, nil
}

// identity is the same for manifests of one object, whatever version of its kind they
// are written in. Which namespace is meant where none is named, the kubeconfig tells.
func identity(object *unstructured.Unstructured) string {
	kind := object.GroupVersionKind().GroupKind()
	return strings.Join([]string{kind.Group, kind.Kind, object.GetNamespace(), object.GetName()}, "/")
}

func nameText(name string, value any, needed bool) error {
	switch v := value.(type) {
	case nil:
	case string:
		needed = needed && v == ""
	case map[string]any, []any:
		return fmt.Errorf("%s must be a string", name)
	default:
		return fmt.Errorf("%s must be a string: put it in quotes", name)
	}
	if needed {
		return fmt.Errorf("%s is missing", name)
	}
	return nil
}
